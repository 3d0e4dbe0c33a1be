import { FlowError, fold, uniforms, type Key } from '@impflow/core';
import { columnIndices, type Table } from '../frame/table.ts';
import { resolutionList, type Resolutions } from './resolutions.ts';

/**
 * Returns a copy with U(0, resolution) noise added to every value of these columns, which gives them a density.
 * {@link resolutionsOf} finds the columns. Without columns, returns the table itself. The noise of a column does not
 * depend on which others are named.
 *
 * @remarks The expected log-density of the noisy column, plus log(resolution), is a lower bound on the log-probability
 * that the model gives to `[v, v + resolution)`, which on a grid is that of the value itself. So a log-density is this
 * bound up to a constant per column: 0 for whole numbers, log(0.1) = -2.3 nats for tenths.
 * @throws `input` for an unknown column; `option` for a resolution that is not positive and finite.
 * @see Theis, van den Oord, Bethge, A note on the evaluation of generative models, ICLR 2016, arXiv:1511.01844, section
 * 3.1.
 */
export const dequantise = (table: Table, resolutions: Resolutions, key: Key): Table => {
  const names = Object.keys(resolutions);
  if (names.length === 0) return table;
  const values = table.values.slice();
  const width = table.columns.length;
  for (const [i, j] of columnIndices('tables/dequantise', table, names).entries()) {
    const resolution = resolutions[names[i]!]!;
    if (!(resolution > 0 && resolution < Infinity)) {
      throw new FlowError('option', 'tables/dequantise', `Wrong resolution of the column "${names[i]}"`, {
        expected: 'a number above 0',
        got: String(resolution),
        hint: 'Take those of resolutionsOf.',
      });
    }
    const noise = uniforms(fold(key, j), table.rows);
    for (let row = 0; row < table.rows; row++) values[row * width + j]! += resolution * noise[row]!;
  }
  return { ...table, values };
};

/**
 * Moves rows `[n, columns]` to the middle of what each value stands for, `v + resolution / 2`, so that a score does not
 * depend on noise. Returns a copy.
 */
export const centered = (values: Float32Array, columns: readonly string[], resolutions: Resolutions): Float32Array => {
  const list = resolutionList(columns, resolutions);
  return values.map((value, i) => value + list[i % list.length]! / 2);
};

/**
 * Rounds draws of a model `[n, columns]` down to whole multiples of the resolutions: a model of tenths gives tenths.
 * Returns a copy.
 */
export const onGrid = (values: Float32Array, columns: readonly string[], resolutions: Resolutions): Float32Array => {
  const list = resolutionList(columns, resolutions);
  return values.map((value, i) => {
    const resolution = list[i % list.length]!;
    return resolution === 0 ? value : Math.floor(value / resolution) * resolution;
  });
};
