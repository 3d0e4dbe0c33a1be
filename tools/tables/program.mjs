// `npm run measure -- tables`: measures densities of tables, and compares posteriors of simulators with sbi.
import { tablesTexts } from './page.mjs';
import { measurePosterior, METHODS } from './posteriors.mjs';
import { tablesPython } from './python.mjs';
import { SIMULATORS } from './simulators.mjs';
import { SOURCES } from './sources.mjs';
import { measureTable } from './table.mjs';

/** @type {import('../measure/measure.mjs').Program} */
export const program = {
  name: 'tables',
  about: 'Densities of tables beside simpler ones, and posteriors of simulators beside sbi.',
  options: {
    seeds: { value: [1, 2, 3], help: 'seeds of the splits, the simulations and the trainings' },
    seconds: { value: 30, help: 'seconds per training of a table' },
    posterior: { value: 60, help: 'seconds per training of a posterior; sbi trains until it converges' },
  },
  jobs: ({ seeds }) =>
    seeds.flatMap((/** @type {number} */ seed) => [
      ...Object.keys(SOURCES).map((data) => jobOf(data, 'table', seed)),
      ...Object.keys(SIMULATORS).flatMap((data) => Object.keys(METHODS).map((method) => jobOf(data, method, seed))),
    ]),
  missing: () => (tablesPython.ready() ? undefined : 'sbi and scikit-learn are not set up. Run: npm run setup:tables'),
  run: async (job, { values }) => {
    const budget = job.method === 'table' ? values.seconds : values.posterior;
    return { budget, ...(await (job.method === 'table' ? measureTable : measurePosterior)(job, budget)) };
  },
  pages: (records) => ({ 'docs/tables.md': tablesTexts(records) }),
};

/**
 * @param {string} data
 * @param {string} method
 * @param {number} seed
 */
function jobOf(data, method, seed) {
  return { job: `${data}-${method}-${seed}`, data, method, seed };
}
