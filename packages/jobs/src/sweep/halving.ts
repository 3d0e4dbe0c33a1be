/**
 * A job trains one trial up to the number of steps of one rung. A rung is a number of steps at which trials are
 * compared. Trials are numbered from 1, and rungs from 0.
 */
export interface Job {
  readonly trial: number;
  readonly rung: number;
}

/** Result of a job. */
export interface JobResult extends Job {
  /** Least validation loss of the trial, in nats; null if the training failed. */
  readonly validation: number | null;
}

/** State of a sweep, from which the next job is chosen. */
interface HalvingState {
  /** Number of trials. */
  readonly trials: number;
  /** Number of rungs. */
  readonly rungs: number;
  /** The best trial of every `eta` trials of a rung continues to the next rung. */
  readonly eta: number;
  /** Results of finished jobs, in the order in which the jobs finished. */
  readonly results: readonly JobResult[];
  /** Jobs that have started and have no result yet. */
  readonly running: readonly Job[];
}

/**
 * Chooses the next job. Returns undefined if no job can start before another result arrives. If the result is undefined
 * and no job runs, the sweep has ended.
 */
export type Halving = (state: HalvingState) => Job | undefined;

/**
 * Returns the number of steps of each rung. The last rung has `steps` steps. Each rung is `eta` times as long as the
 * previous rung, and no rung is shorter than `least`.
 */
export const rungsOf = (steps: number, eta: number, least: number): readonly number[] => {
  const rungs = [steps];
  for (let length = steps / eta; Math.ceil(length) >= least && Math.ceil(length) < rungs[0]!; length /= eta)
    rungs.unshift(Math.ceil(length));
  return rungs;
};

/**
 * Successive halving: a rung begins when all results of the previous rung are known. The best 1 of every `eta` trials
 * of the previous rung take part. The choice does not depend on the order of the results.
 *
 * @see Jamieson, Talwalkar, Non-stochastic Best Arm Identification and Hyperparameter Optimization, AISTATS 2016,
 *   arXiv:1502.07943.
 */
export const synchronousHalving: Halving = (state) => {
  const { trials, rungs, eta } = state;
  let members: readonly number[] = Array.from({ length: trials }, (_, i) => i + 1);
  for (let rung = 0; rung < rungs; rung++) {
    const started = startedAt(state, rung);
    const next = members.find((trial) => !started.has(trial));
    if (next !== undefined) return { trial: next, rung };
    const results = resultsAt(state, rung).filter(({ trial }) => members.includes(trial));
    if (results.length < members.length) return undefined;
    members = bestOf(results).slice(0, Math.floor(trials / eta ** (rung + 1)));
  }
  return lastPromotion(state);
};

/**
 * Asynchronous successive halving: looks at the rungs from the highest to the lowest, and promotes the best trial that
 * is among the best 1 of every `eta` results of its rung. If there is no trial to promote, starts a new trial. No
 * worker waits, but the choice depends on the order of the results.
 *
 * @see Li, Jamieson, Rostamizadeh, Gonina, Ben-tzur, Hardt, Recht, Talwalkar, A System for Massively Parallel
 * Hyperparameter Tuning, MLSys 2020, arXiv:1810.05934, Algorithm 2.
 */
export const asynchronousHalving: Halving = (state) => {
  const { trials, rungs, eta } = state;
  for (let rung = rungs - 2; rung >= 0; rung--) {
    const results = resultsAt(state, rung);
    const next = notStarted(bestOf(results).slice(0, Math.floor(results.length / eta)), state, rung + 1);
    if (next !== undefined) return { trial: next, rung: rung + 1 };
  }
  const started = startedAt(state, 0);
  for (let trial = 1; trial <= trials; trial++) if (!started.has(trial)) return { trial, rung: 0 };
  return lastPromotion(state);
};

/**
 * If no trial has reached the last rung, promotes the best trial of the highest rung by one rung. This promotion is
 * needed if the number of trials is less than `eta`, or if a promoted training fails.
 */
const lastPromotion: Halving = (state) => {
  const { rungs, running } = state;
  if (running.length > 0 || bestOf(resultsAt(state, rungs - 1)).length > 0) return undefined;
  for (let rung = rungs - 2; rung >= 0; rung--) {
    const next = notStarted(bestOf(resultsAt(state, rung)), state, rung + 1);
    if (next !== undefined) return { trial: next, rung: rung + 1 };
  }
  return undefined;
};

const resultsAt = ({ results }: HalvingState, rung: number): readonly JobResult[] =>
  results.filter((result) => result.rung === rung);

const startedAt = ({ results, running }: HalvingState, rung: number): ReadonlySet<number> =>
  new Set([...results, ...running].filter((job) => job.rung === rung).map(({ trial }) => trial));

const notStarted = (trials: readonly number[], state: HalvingState, rung: number): number | undefined => {
  const started = startedAt(state, rung);
  return trials.find((trial) => !started.has(trial));
};

/**
 * Returns the trials that did not fail, the best first. Of trials with equal losses, the trial with the lower number
 * comes first.
 */
const bestOf = (results: readonly JobResult[]): readonly number[] =>
  results
    .filter(({ validation }) => validation !== null)
    .toSorted((a, b) => a.validation! - b.validation! || a.trial - b.trial)
    .map(({ trial }) => trial);
