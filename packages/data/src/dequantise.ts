import { FlowError, fold, uniforms, type Key } from '@impflow/core';
import { resolutionList, type Resolutions } from './resolutions.ts';
import { columnIndices, type Table } from './table.ts';

/**
 * A copy with U(0, resolution) added to every value of these columns, which gives them a density ({@link resolutionsOf} finds
 * them). A column draws the same numbers whichever others are named.
 *
 * @remarks The expected log-density of the noisy column, plus log(resolution), is a lower bound of the log-probability that the
 * model gives to `[v, v + resolution)`: on a grid, to the value itself. So a log-density is that bound up to a constant for each
 * column: 0 for whole numbers, log(0.1) = -2.3 nats for tenths.
 * @throws `input` for a name that is not there; `option` for a resolution that is not above 0.
 * @see Theis, van den Oord, Bethge, A note on the evaluation of generative models, ICLR 2016, arXiv:1511.01844, section 3.1.
 */
export const dequantise = (table: Table, resolutions: Resolutions, key: Key): Table => {
  const names = Object.keys(resolutions);
  if (names.length === 0) return table;
  const values = table.values.slice();
  const width = table.columns.length;
  for (const [i, j] of columnIndices('data/dequantise', table, names).entries()) {
    const resolution = resolutions[names[i]!]!;
    if (!(resolution > 0 && resolution < Infinity)) {
      throw new FlowError('option', 'data/dequantise', `Wrong resolution of the column "${names[i]}"`, { expected: 'a number above 0', got: String(resolution), hint: 'Take those of resolutionsOf.' });
    }
    const noise = uniforms(fold(key, j), table.rows);
    for (let row = 0; row < table.rows; row++) values[row * width + j]! += resolution * noise[row]!;
  }
  return { ...table, values };
};

/** Rows `[n, columns]` at the middle of what each value stands for, `v + resolution / 2`, so that a score does not depend on noise. A copy. */
export const centred = (values: Float32Array, columns: readonly string[], resolutions: Resolutions): Float32Array => {
  const list = resolutionList(columns, resolutions);
  return values.map((value, i) => value + list[i % list.length]! / 2);
};

/** Draws of a model `[n, columns]`, rounded down to whole multiples of the resolutions: what went in as tenths comes out as tenths. A copy. */
export const onGrid = (values: Float32Array, columns: readonly string[], resolutions: Resolutions): Float32Array => {
  const list = resolutionList(columns, resolutions);
  return values.map((value, i) => {
    const resolution = list[i % list.length]!;
    return resolution === 0 ? value : Math.floor(value / resolution) * resolution;
  });
};
