// Compares posteriors of simulators, computed by impflow and sbi from equal simulations, with reference posteriors.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { core } from '../bench/library.mjs';
import { mean } from '../bench/statistics.mjs';
import { fitted } from '../study/fitted.mjs';
import { readNumbers, write } from '../study/places.mjs';
import { CACHE, folderOf, numbersOf } from './places.mjs';
import { python, SBIBM } from './python.mjs';
import { namesOf, SIMULATORS, simulated, simulationsText } from './simulators.mjs';
import { chiSquareP, ksP } from './statistics.mjs';

/** @import { Job } from './places.mjs' */

/**
 * `train` and `test` are numbers of simulations. `draws` is the number of posterior draws for an observation that are
 * compared with the reference. `rankDraws` is the number of draws among which the rank of a parameter is computed.
 */
export const SIZES = { train: 10_000, test: 500, draws: 1000, rankDraws: 199 };
const OBSERVATIONS = 10;
/** Number of bins for the ranks 0 to 199 in the chi-square test. */
const BINS = 20;

/**
 * Returns the paths of the files that every method reads: train.csv, test.csv and observations.csv. Writes them once
 * for each simulator and seed.
 *
 * @param {string} name
 * @param {number} seed
 */
export const simulations = (name, seed) => {
  const simulator = SIMULATORS[name];
  const folder = join(CACHE, 'simulations', `${name}-${seed}`);
  const paths = {
    train: join(folder, 'train.csv'),
    test: join(folder, 'test.csv'),
    observations: join(folder, 'observations.csv'),
  };
  if (existsSync(paths.observations)) return paths;
  const key = core.fold(core.key(seed), 1919);
  for (const [i, part] of /** @type {const} */ (['train', 'test']).entries())
    write(paths[part], simulationsText(simulator, simulated(simulator, core.fold(key, i), SIZES[part])));
  const task = join(SBIBM.folder, 'sbibm/tasks', name.replaceAll('-', '_'), 'files');
  const rows = Array.from(
    { length: OBSERVATIONS },
    (_, i) =>
      readFileSync(join(task, `num_observation_${i + 1}`, 'observation.csv'), 'utf8')
        .trim()
        .split('\n')[1],
  );
  write(paths.observations, `${namesOf(simulator).x.join(',')}\n${rows.join('\n')}\n`);
  return paths;
};

/**
 * Trains impflow on the simulations, and draws from the posteriors.
 *
 * @param {Job} job
 * @param {number} seconds
 */
const ours = async (job, seconds) => {
  const simulator = SIMULATORS[job.data];
  const { theta, x } = namesOf(simulator);
  const paths = simulations(job.data, job.seed);
  const [scores, samples] = ['scores.txt', 'samples.csv'].map((file) => join(folderOf(job), file));
  const {
    drawn,
    curve: _,
    ...told
  } = await fitted({
    train: paths.train,
    fresh: paths.test,
    scores,
    options: {
      // A tenth of the simulations is for validation, as in sbi.
      test: paths.test,
      columns: theta,
      given: x,
      // impflow gets the bounds of the prior as an option, so all draws lie inside these bounds.
      transform: theta.map((name) => `logit:${name}:${-simulator.bound}:${simulator.bound}`),
      seconds,
      seed: job.seed,
    },
    draws: [
      { given: paths.observations, count: SIZES.draws, seed: job.seed },
      { given: paths.test, count: SIZES.rankDraws, seed: job.seed + 1 },
    ],
  });
  const [posterior, ranked] = drawn;
  /** @param {Readonly<Record<string, number>>} row */
  const line = (row) => theta.map((name) => row[name]).join(',');
  write(samples, `${theta.join(',')}\n${posterior.rows.map(line).join('\n')}\n`);
  const truth = await numbersOf(paths.test);
  return {
    ...told,
    samples,
    ranks: theta.map((name) =>
      ranksOf(
        truth[name],
        Float64Array.from(ranked.rows, (row) => row[name]),
      ),
    ),
    nats: -mean(readNumbers(scores)),
    inside: 1,
    drawSeconds: posterior.seconds,
  };
};

/**
 * Returns the rank of each true parameter among its draws.
 *
 * @param {Float64Array} truth
 * @param {Float64Array} drawn The draws: `rankDraws` draws for each entry of `truth`, in order.
 */
const ranksOf = (truth, drawn) =>
  Array.from(
    truth,
    (value, row) =>
      drawn.subarray(row * SIZES.rankDraws, (row + 1) * SIZES.rankDraws).filter((draw) => draw < value).length,
  );

/**
 * Returns a function that trains an estimator of sbi.
 *
 * @param {string} estimator
 * @returns {(job: Job) => Promise<Record<string, unknown>>}
 */
const sbi = (estimator) => async (job) => {
  const { parameters, bound } = SIMULATORS[job.data];
  const folder = folderOf(job);
  const options = {
    ...simulations(job.data, job.seed),
    parameters,
    bound,
    seed: job.seed,
    draws: SIZES.draws,
    ranked: SIZES.test,
    'rank-draws': SIZES.rankDraws,
    out: folder,
  };
  const told = await python('npe.py', [
    estimator,
    ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]),
  ]);
  const ranks = Object.values(await numbersOf(join(folder, 'ranks.csv'))).map((column) => [...column]);
  return { ...told, samples: join(folder, 'samples.csv'), ranks };
};

/** @type {Readonly<Record<string, { title: string; measure: (job: Job, seconds: number) => Promise<Record<string, any>> }>>} */
export const METHODS = {
  impflow: { title: '`impflow train --given`', measure: ours },
  maf: { title: '`sbi`, its default: masked autoregressive flow', measure: sbi('maf') },
  nsf: { title: '`sbi`, neural spline flow', measure: sbi('nsf') },
};

/**
 * Measures a method on the simulations of a seed. Returns four figures: for each observation, the accuracy of a
 * classifier that separates the draws of the method from the reference draws (C2ST); for each parameter, the p-value of
 * a test that its ranks are uniform; the mean loss of held-out parameters given their simulations, in nats; the seconds
 * of the training.
 *
 * @param {Job} job
 * @param {number} seconds
 */
export const measurePosterior = async (job, seconds) => {
  const { samples, ranks, ...told } = await METHODS[job.method].measure(job, seconds);
  const found = await python('c2st.py', [SBIBM.folder, job.data.replaceAll('-', '_'), SIZES.draws, samples]);
  return {
    ...told,
    c2st: found[samples],
    ranks: ranks.map((/** @type {readonly number[]} */ column) => ({
      ks: ksP(column.map((rank) => (rank + 0.5) / (SIZES.rankDraws + 1))),
      chiSquare: chiSquareP(
        column.map((rank) => rank / (SIZES.rankDraws + 1)),
        BINS,
      ),
      // Share of true parameters inside the central 90 % of their draws.
      inside90:
        column.filter((rank) => rank >= 0.05 * SIZES.rankDraws && rank <= 0.95 * SIZES.rankDraws).length /
        column.length,
    })),
  };
};
