// Checks the full conditional densities of fresh rows: whether they are calibrated, and whether they find a wrong cell.
import { core, data } from '../bench/library.mjs';
import { ksP } from './statistics.mjs';

const { fold, key, uniforms } = core;
const { frameOfValues, isTargetCategory, isTargetNumber, pickValues } = data;

/**
 * @import { RecordsSpec, Values } from '../../packages/tables/dist/index.js'
 * @typedef {Awaited<ReturnType<typeof import('./trained.mjs').trainedOn>>} Trained
 */

/** Largest number of rows that are explained. */
const ROWS = 150;
/** Least distance of a wrong number from the right number, in standard deviations. */
const AWAY = 2;

/** @param {Values} values */
const first = (values) =>
  pickValues(
    values,
    Uint32Array.from({ length: Math.min(ROWS, values.rows) }, (_, i) => i),
  );

/**
 * Computes the rank of each number of fresh rows in its density given all other cells of the row, as a fraction.
 * Returns for each column its name, the ranks, and the p-value of their uniformity.
 *
 * @param {Trained} run
 */
export const conditionalRanks = ({ spec, trained, cells }) => {
  const own = first(cells);
  const reasons = trained.explain(frameOfValues(own, spec.columns, 'fresh rows'));
  return spec.columns.filter(isTargetNumber).map(({ name }) => {
    const ranks = reasons.flatMap((row) =>
      row.flatMap(({ column, percentile }) => (column === name ? [Number((percentile / 100).toFixed(4))] : [])),
    );
    return { name, ranks, ks: ksP(ranks) };
  });
};

/**
 * Writes a wrong cell into each fresh row: the cell of another row, at least two standard deviations away, or another
 * category. Returns how often the column of this cell ranks first: by the contributions that `explain` returns, and by
 * the rarity of each cell without the other cells.
 *
 * @param {Trained} run
 * @param {number} seed
 */
export const wrongCells = ({ spec, trained, train, cells }, seed) => {
  const own = first(cells);
  const targets = spec.columns.flatMap((column, j) => (isTargetNumber(column) || isTargetCategory(column) ? [j] : []));
  const random = uniforms(fold(key(seed), 77), 3 * own.rows);
  const columns = own.columns.map((column) => column.slice());
  const places = Array.from({ length: own.rows }, (_, row) => {
    for (let k = 0; k < targets.length; k++) {
      const j = targets[(Math.floor(random[3 * row] * targets.length) + k) % targets.length];
      const others = own.columns[j].filter((value) => isWrong(spec, train, j, own.columns[j][row], value));
      if (others.length === 0) continue;
      columns[j][row] = others[Math.floor(random[3 * row + 1] * others.length)];
      return j;
    }
    return -1;
  });
  const wrong = { ...own, columns };
  const reasons = trained.explain(frameOfValues(wrong, spec.columns, 'wrong rows'));
  const alone = oddness(spec, train, wrong);
  let [found, byItself, count] = [0, 0, 0];
  places.forEach((j, row) => {
    if (j < 0) return;
    count++;
    const parts = reasons[row].map(({ part }) => part);
    if (reasons[row][parts.indexOf(Math.max(...parts))].column === spec.columns[j].name) found++;
    const odd = targets.map((target) => alone[target][row]);
    if (targets[odd.indexOf(Math.max(...odd))] === j) byItself++;
  });
  return { rows: count, columns: targets.length, found: found / count, byItself: byItself / count };
};

/**
 * @param {RecordsSpec} spec
 * @param {Values} train
 * @param {number} j
 * @param {number} right
 * @param {number} value
 */
const isWrong = (spec, train, j, right, value) =>
  spec.columns[j].kind === 'category'
    ? value !== right
    : Math.abs(value - right) > AWAY * deviationOf(train.columns[j]);

/** @param {Float64Array} column */
const deviationOf = (column) => {
  const middle = column.reduce((sum, x) => sum + x, 0) / column.length;
  return Math.sqrt(column.reduce((sum, x) => sum + (x - middle) ** 2, 0) / column.length);
};

/**
 * Returns how unusual each cell is without the other cells: minus the log of the share of training rows that are at
 * least as extreme.
 *
 * @param {RecordsSpec} spec
 * @param {Values} train
 * @param {Values} rows
 */
const oddness = (spec, train, rows) =>
  spec.columns.map(({ kind }, j) => {
    const column = train.columns[j];
    return Array.from(rows.columns[j], (value) => {
      const [below, equal] = column.reduce(
        ([less, same], other) => [less + (other < value ? 1 : 0), same + (other === value ? 1 : 0)],
        [0, 0],
      );
      const tail = kind === 'category' ? equal : 2 * Math.min(below + equal, column.length - below);
      return -Math.log((tail + 1) / (column.length + 1));
    });
  });
