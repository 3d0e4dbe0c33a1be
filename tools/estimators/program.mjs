// `npm run measure -- estimators`: compares the estimators `roulette` and `solved` by the variance of the gradient
// times its cost, and by the held-out loss after equal training times.
import { jsonOf } from '../measure/child.mjs';
import { estimatorsTexts } from './page.mjs';

const DATA = ['table', 'images'];
/** Estimators with which models are trained at the same time, one on each core. */
const PAIR = ['roulette', 'solved'];

/** @type {import('../measure/measure.mjs').Program} */
export const program = {
  name: 'estimators',
  about: 'Roulette and `solved`: variance of the gradient times its cost, and nats after equal seconds.',
  options: {
    seconds: { value: 60, help: 'seconds per training' },
    seeds: { value: [1, 2], help: 'seeds of the trainings' },
  },
  jobs: ({ seeds }) => [
    ...DATA.map((data) => ({ job: `variance ${data}`, data })),
    ...DATA.flatMap((data) =>
      seeds.map((/** @type {number} */ seed) => ({ job: `training ${data} ${seed}`, data, seed })),
    ),
  ],
  run: async ({ data, seed }, { values: { seconds }, say }) => {
    if (seed === undefined) return (await import('./variance.mjs')).variances(data, say);
    const racer = new URL('racer.mjs', import.meta.url);
    return {
      seconds,
      rows: await Promise.all(PAIR.map((estimator) => jsonOf(racer, [data, estimator, seed, seconds]))),
    };
  },
  pages: (records) => ({ 'docs/benchmarks-estimators.md': estimatorsTexts(records) }),
};
