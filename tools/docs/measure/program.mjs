// `npm run measure -- guide`: measures the numbers of the guide pages on choosing a solver and an estimator, with nets
// that reach their Lipschitz bound. Takes about five minutes on two cores.
import { wasm } from '../../bench/library.mjs';
import { measuredOn } from '../../measure/page.mjs';
import { ESTIMATED, estimatorTables, measureEstimators } from './estimators.mjs';
import { measureSolvers, SOLVED, solverTables } from './solvers.mjs';

const PARTS = /** @type {const} */ ({
  solvers: { cases: SOLVED, measure: measureSolvers, tables: solverTables, page: 'docs/guide/choosing-a-solver.md' },
  estimators: {
    cases: ESTIMATED,
    measure: measureEstimators,
    tables: estimatorTables,
    page: 'docs/guide/choosing-an-estimator.md',
  },
});

/** @type {import('../../measure/measure.mjs').Program} */
export const program = {
  name: 'guide',
  about: 'The numbers of the pages on choosing a solver and an estimator.',
  options: { quick: { value: false, help: 'a fifth of the repetitions; the pages say so' } },
  jobs: () =>
    Object.entries(PARTS).flatMap(([part, { cases }]) =>
      cases.map(({ dim, slope }) => ({ job: `${part} ${dim} dimensions slope ${slope}`, part, dim, slope })),
    ),
  run: async ({ part, dim, slope }, { values: { quick } }) => {
    await wasm().start();
    return { quick, ...PARTS[/** @type {keyof typeof PARTS} */ (part)].measure(dim, slope, quick) };
  },
  pages: (records) =>
    Object.fromEntries(
      Object.entries(PARTS).flatMap(([part, { tables, page }]) => {
        const own = records.filter((record) => record.part === part);
        if (own.length === 0) return [];
        const from =
          `\`npm run measure -- guide --only ${part}\`, measured on ${measuredOn(own)}; one thread of wasm. ` +
          'Times are medians; the runs of the solvers or estimators alternate.' +
          (own.some(({ quick }) => quick) ? ' **A quick run of few repetitions: times may be off by a factor.**' : '');
        return [[page, { [part]: `${tables(own)}\n\n${from}` }]];
      }),
    ),
};
