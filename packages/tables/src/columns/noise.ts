import { fold, uniforms, type Key } from '@impflow/core';
import type { ColumnSpec, NumberColumn } from './spec.ts';
import type { Values } from './values.ts';
import { wrapped } from './wrapped.ts';

/**
 * Adds uniform noise to each target column whose numbers repeat, so that a density exists. If only some frequent values
 * repeat, only these values get noise. The width of the noise is the resolution of the column. The noise of a row depends only on the key and on the row's index. Values of a periodic
 * column are moved back into its period.
 */
export const withNoise = (values: Values, columns: readonly ColumnSpec[], key: Key): Values =>
  shifted(values, columns, (j) => {
    const noise = uniforms(fold(key, j), values.rows);
    return (row) => noise[row]!;
  });

/** Moves each value to the middle of its noise interval, so that a score does not depend on random noise. */
export const atMiddle = (values: Values, columns: readonly ColumnSpec[]): Values =>
  shifted(values, columns, () => () => 0.5);

const shifted = (
  values: Values,
  columns: readonly ColumnSpec[],
  shareOf: (column: number) => (row: number) => number,
): Values => ({
  ...values,
  columns: values.columns.map((column, j) => {
    const spec = columns[j]!;
    if (spec.kind === 'category' || spec.resolution === undefined) return column;
    const share = shareOf(j);
    const { resolution } = spec;
    const isNoisy = noiseTest(spec);
    return column.map((value, row) => (isNoisy(value) ? wrapped(inside(value, resolution, share(row)), spec) : value));
  }),
});

/** Returns a function that returns whether a value of a column gets noise. */
export const noiseTest = ({ resolution, spikes }: NumberColumn): ((value: number) => boolean) => {
  if (resolution === undefined) return () => false;
  if (spikes === undefined) return () => true;
  const own = new Set(spikes.map(Math.fround));
  return (value) => own.has(Math.fround(value));
};

/**
 * Returns a point between `low` and `low + width`. If float32 would round the point to an end of the interval from
 * `low` to `low + width`, the middle of the interval is returned. An end may be a bound of the column, where the
 * density is 0.
 */
const inside = (low: number, width: number, share: number): number => {
  const rounded = Math.fround(low + width * share);
  return rounded <= Math.fround(low) || rounded >= Math.fround(low + width) ? low + width / 2 : low + width * share;
};
