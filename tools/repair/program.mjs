import { fit } from '../../packages/impflow/dist/index.js';
// `npm run measure -- repair`: how often a repair changes the wrong cell of a row, on penguins, cars and a synthetic
// table.
import { SPOILS, spoiledRows, syntheticRows } from '../../packages/testkit/private/spoiled.mjs';
import { core, wasm } from '../bench/library.mjs';
import { tableText } from '../markdown.mjs';
import { measuredBy } from '../measure/page.mjs';
import { vega } from '../study/vega.mjs';

const { fold, key, normals, uniforms } = core;
const ALPHA = 0.05;

/**
 * Picks columns under short names, and drops rows with gaps.
 *
 * @param {string} file
 * @param {Readonly<Record<string, string>>} names
 */
const picked = (file, names) =>
  vega(file)
    .map((row) => Object.fromEntries(Object.entries(names).map(([name, column]) => [name, row[column]])))
    .filter((row) => Object.values(row).every((cell) => cell !== null && cell !== '.'));

/** @type {Readonly<Record<string, () => readonly Readonly<Record<string, any>>[]>>} */
const TABLES = {
  penguins: () =>
    picked('penguins.json', {
      species: 'Species',
      island: 'Island',
      sex: 'Sex',
      beak: 'Beak Length (mm)',
      depth: 'Beak Depth (mm)',
      flipper: 'Flipper Length (mm)',
      mass: 'Body Mass (g)',
    }),
  cars: () =>
    picked('cars.json', {
      miles: 'Miles_per_Gallon',
      cylinders: 'Cylinders',
      displacement: 'Displacement',
      power: 'Horsepower',
      weight: 'Weight_in_lbs',
      acceleration: 'Acceleration',
      origin: 'Origin',
    }),
  synthetic: () => syntheticRows(normals(fold(key(1), 0), 8000), uniforms(fold(key(1), 1), 2000)),
};

/**
 * Whether two cells are equal. A number that was multiplied and divided by ten may differ in its last digit.
 *
 * @param {any} a
 * @param {any} b
 */
const isEqual = (a, b) => a === b || (typeof a === 'number' && Math.abs(a - b) <= 1e-12 * Math.abs(b));

/** @type {import('../measure/measure.mjs').Program} */
export const program = {
  name: 'repair',
  about: 'How often a repair changes the wrong cell of a row, and its p-values.',
  options: {
    rows: { value: 60, help: 'strange rows of each table and each kind of error' },
    seconds: { value: 20, help: 'length of a training' },
  },
  jobs: () => Object.keys(TABLES).map((table) => ({ job: table, table })),
  run: async ({ table }, { values: { rows: count, seconds } }) => {
    await wasm().start();
    const rows = TABLES[table]();
    const model = await fit(rows, { seconds, workers: 1, seed: 1 });
    const errors = Object.entries(SPOILS).map(([kind, spoil], seed) => {
      const spoiled = spoiledRows(rows, spoil, uniforms(fold(key(5), seed), 12 * count));
      const right = model.score(spoiled.map((each) => each.right));
      const wrong = model.score(spoiled.map((each) => each.row));
      const strange = spoiled.filter((_, i) => right[i].pValue > ALPHA && wrong[i].pValue <= ALPHA).slice(0, count);
      const repairs = strange.map(({ row }) => model.repair(row));
      const scores = model.score(repairs.map(({ row }) => row));
      const isRight = repairs.map(({ changes }, i) => changes.length === 1 && changes[0].column === strange[i].column);
      return {
        kind,
        strange: strange.length,
        right: isRight.filter(Boolean).length,
        exact: repairs.filter(({ row }, i) => isEqual(row[strange[i].column], strange[i].right[strange[i].column]))
          .length,
        above: scores.filter(({ pValue }) => pValue > ALPHA).length,
      };
    });
    return { rows: rows.length, errors };
  },
  pages: (records) => ({
    'docs/guide/cookbook/repair-rows.md': {
      repair: `${tableText(
        ['table', 'error', 'strange rows', 'the wrong cell changes', 'to its right value', 'p-value above 0.05 after'],
        records.flatMap(({ table, errors }) =>
          errors.map((/** @type {any} */ each) => [
            table,
            { slip: 'slip', shift: 'shift', other: 'another cell' }[/** @type {'slip'} */ (each.kind)],
            each.strange,
            `${((100 * each.right) / each.strange).toFixed(0)} %`,
            `${((100 * each.exact) / each.strange).toFixed(0)} %`,
            `${((100 * each.above) / each.strange).toFixed(0)} %`,
          ]),
        ),
      )}\n\n${measuredBy('repair', records)}`,
    },
  }),
};
