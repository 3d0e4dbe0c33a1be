// `node tools/scale/table.mjs --rows 10000000 --out big.parquet`: writes a table of three columns of numbers, which
// depend on each other, in row groups of 262,144 rows. The ending `.csv` or `.npy` writes a table in that format.
import { parseArgs } from 'node:util';
import { fold, key, normals, uniforms } from '../../packages/core/dist/index.js';
import { openTableWriter } from '../../packages/tables/dist/index.js';

/** Number of rows in a row group. */
const GROUP = 2 ** 18;
const COLUMNS = ['depth', 'distance', 'magnitude'];

/**
 * Returns some rows of the table: a depth in kilometers, a distance that grows with the depth, and a magnitude with two
 * modes.
 *
 * @param {number} first
 * @param {number} count
 * @returns {import('../../packages/tables/dist/index.js').Frame}
 */
const rowsFrom = (first, count) => {
  const block = fold(key(1), first);
  const [a, b, c] = [0, 1, 2].map((stream) => normals(fold(block, stream), count));
  const choice = uniforms(fold(block, 3), count);
  const depth = Float64Array.from({ length: count }, (_, i) => Math.fround(10 * Math.exp(0.8 * a[i])));
  const distance = Float64Array.from({ length: count }, (_, i) => Math.fround(100 * Math.sin(a[i]) + 20 * b[i]));
  const magnitude = Float64Array.from({ length: count }, (_, i) =>
    Math.fround((choice[i] < 0.3 ? 5 : 2) + 0.1 * b[i] * b[i] + 0.4 * c[i]),
  );
  return {
    columns: [depth, distance, magnitude].map((numbers, j) => ({ name: COLUMNS[j], numbers })),
    rows: count,
    source: 'computed rows',
    place: (row) => `row ${first + row + 1}`,
  };
};

/**
 * Writes a table of `rows` rows.
 *
 * @param {string} path
 * @param {number} rows
 */
export const writeRows = async (path, rows) => {
  const writer = await openTableWriter(path, COLUMNS);
  for (let first = 0; first < rows; first += GROUP) await writer.write(rowsFrom(first, Math.min(GROUP, rows - first)));
  await writer.close();
};

if (import.meta.url === `file://${process.argv[1]}`) {
  const { values } = parseArgs({ options: { rows: { type: 'string', default: '10000000' }, out: { type: 'string' } } });
  if (values.out === undefined) throw new Error('Give --out with a .parquet, .csv or .npy file.');
  await writeRows(values.out, Number(values.rows));
}
