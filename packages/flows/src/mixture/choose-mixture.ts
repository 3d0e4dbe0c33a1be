import { FlowError, fold, permutation, type Key } from '@impflow/core';
import { fitCounted, type FitMixtureOptions } from './fit-mixture.ts';
import type { MixtureCovariance, MixtureFit } from './mixture-fit.ts';
import { mixtureLogProbs } from './mixture-log-probs.ts';

export interface ChooseMixtureOptions {
  readonly dim: number;
  /** Numbers of components to try, in rising order. Default 1, 2, 3, 5, 8, 12, 20, 30, 50. */
  readonly components?: readonly number[];
  /** Kinds of covariances to try. Default all. */
  readonly covariances?: readonly MixtureCovariance[];
  readonly key: Key;
  /** Budget, in seconds of a processor core that does 1e9 multiplications in each. They are counted, not timed: each machine makes the same choice. Default 5. */
  readonly seconds?: number;
}

/** A mixture, and how it was chosen. */
export interface MixtureChoice {
  /** The mixture fitted to the training rows. */
  readonly fit: MixtureFit;
  /** Mean held-out `log p` that it was chosen by, nats per row. */
  readonly logLikelihood: number;
  /** Rows held out: those of the validation, or each row once in five folds of all. */
  readonly by: 'validation' | 'folds';
  readonly shrinkage: number;
  readonly pooling: number;
  /** Mixtures that were compared. */
  readonly tried: number;
}

const COMPONENTS = [1, 2, 3, 5, 8, 12, 20, 30, 50] as const;
const FOLDS = 5;
/** With fewer rows the validation rows are too few to choose by. */
const FEW_ROWS = 2000;
/** Rows that candidates are fitted to and judged by: more do not change the choice. */
const MANY = { train: 6000, validation: 5000 } as const;
/** Rows that each component of a candidate has at least, on average. */
const ROWS_EACH = 5;
/** Steps that a fit takes with its starts, for an estimate of its cost where a smaller one tells nothing. */
const USUAL_STEPS = 60;
/** Nats per row behind the best at which full and tied covariances do not catch up with more components. Diagonal ones, which begin far behind, do. */
const HOPELESS = 0.5;
/** Candidates are told apart before they have converged to the last digit. */
const SEARCH = { tolerance: 1e-3, maxSteps: 60 } as const;
const OPERATIONS = 1e9;
/** Share of the budget for the candidates; the rest is for the last fit, to all training rows. */
const SEARCH_SHARE = 0.7;

/** A way to shape covariances, tried with every number of components. */
interface Family extends Required<Pick<FitMixtureOptions, 'covariance' | 'shrinkage' | 'pooling'>> {
  /** For few rows alone. */
  readonly few?: boolean;
  /** Not with one component, where it is the same as another. */
  readonly several?: boolean;
}

const FAMILIES: readonly Family[] = [
  { covariance: 'full', shrinkage: 0, pooling: 0 },
  { covariance: 'full', shrinkage: 0, pooling: 0.5, several: true, few: true },
  { covariance: 'tied', shrinkage: 0, pooling: 0, several: true },
  { covariance: 'diagonal', shrinkage: 0, pooling: 0 },
  { covariance: 'full', shrinkage: 0.1, pooling: 0, few: true },
  { covariance: 'full', shrinkage: 0.1, pooling: 0.5, several: true, few: true },
  { covariance: 'tied', shrinkage: 0.1, pooling: 0, several: true, few: true },
];

/**
 * The Gaussian mixture with the best held-out log-likelihood: components and covariances are tried within a budget, and the best is fitted to `train`. Both tables are `[n, d]`, row-major.
 *
 * @remarks Below 2,000 rows in all, each candidate is judged by five folds of training and validation rows together, where the budget allows it; above, by the validation rows. A kind of
 * covariance is given up after two numbers of components that are no better than its best, or far behind that of another.
 * @throws `shape` and `input` as {@link fitMixture}; `input` where there are no validation rows.
 */
export const chooseMixture = (train: ArrayLike<number>, validation: ArrayLike<number>, { dim, components = COMPONENTS, covariances = ['full', 'diagonal', 'tied'], key, seconds = 5 }: ChooseMixtureOptions): MixtureChoice => {
  if (validation.length < dim) throw new FlowError('input', 'flows/chooseMixture', 'No validation rows', { expected: 'at least one', got: 'none', hint: 'Hold some rows out.' });
  const budget = seconds * OPERATIONS;
  const own = Float64Array.from(train);
  const [trainRows, total] = [own.length / dim, (own.length + validation.length) / dim];
  const few = total < FEW_ROWS;
  // Five candidates of five components at least.
  const folded = few && 5 * FOLDS * total * 5 * workEach({ dim, components: 5, covariance: 'full' }) < budget;
  const held: readonly Held[] = folded ? folds(own, validation, dim, fold(key, 0)) : [{
    train: limited(own, dim, MANY.train, fold(key, 1)), held: limited(Float64Array.from(validation), dim, MANY.validation, fold(key, 2)),
  }];
  const foldRows = held[0]!.train.length / dim;
  let work = 0;

  /** Mean held-out nats of a candidate. */
  const judged = (options: FitMixtureOptions): { readonly score: number; readonly fit: MixtureFit } => {
    let [sum, rows] = [0, 0];
    let last: MixtureFit | undefined;
    for (const part of held) {
      const { fit, work: more } = fitCounted(part.train, options);
      work += more;
      for (const value of mixtureLogProbs(fit, part.held)) sum += value;
      rows += part.held.length / dim;
      last = fit;
    }
    return { score: sum / rows, fit: last! };
  };

  const alive = new Map(FAMILIES.filter((family) => covariances.includes(family.covariance) && (few || family.few !== true)).map((family): [Family, Progress] => [family, { best: -Infinity, failures: 0 }]));
  let best: { readonly options: FitMixtureOptions; readonly fit: MixtureFit; readonly score: number } | undefined;
  let tried = 0;
  for (const count of components) {
    for (const [family, record] of alive) {
      const { few: _few, several = false, ...shape } = family;
      if (several && count === 1 && covariances.includes('full')) continue;
      const options: FitMixtureOptions = { dim, components: count, ...shape, key: fold(key, 3), restarts: count === 1 ? 1 : 2, ...SEARCH };
      const cost = record.last === undefined ? held.length * foldRows * count * workEach(options) : record.last.work * count / record.last.components;
      if (best !== undefined && (ROWS_EACH * count > foldRows || cost > (SEARCH_SHARE * budget - work) / alive.size)) { alive.delete(family); continue; }
      const before = work;
      const { score, fit } = judged(options);
      if (count > 1) record.last = { components: count, work: work - before };
      tried += 1;
      if (Number.isFinite(score) && (best === undefined || score > best.score)) best = { options, fit, score };
      const behind = family.covariance !== 'diagonal' && score < best!.score - HOPELESS;
      if (score > record.best && !behind) Object.assign(record, { best: score, failures: 0 });
      else if ((record.failures += 1) >= 2) alive.delete(family);
    }
  }
  if (best === undefined) throw new FlowError('input', 'flows/chooseMixture', 'No mixture fits', { expected: 'finite numbers', got: 'validation rows without a density', hint: 'Look for missing or extreme values.' });
  const { options, score } = best;
  const { shrinkage = 0, pooling = 0 } = options;
  return { fit: last(best, own, { folded, trainRows, foldRows, left: budget - work }), logLikelihood: score, by: folded ? 'folds' : 'validation', shrinkage, pooling, tried };
};

/** The best candidate for all training rows: as it is where it has seen them, else fitted to them. */
const last = ({ options, fit }: { readonly options: FitMixtureOptions; readonly fit: MixtureFit }, train: Float64Array, { folded, trainRows, foldRows, left }: { readonly folded: boolean; readonly trainRows: number; readonly foldRows: number; readonly left: number }): MixtureFit => {
  if (folded) return fitCounted(train, options).fit;
  if (trainRows === foldRows) return fit;
  const step = trainRows * options.components * workEach(options) / USUAL_STEPS;
  return fitCounted(train, { ...options, start: fit, tolerance: 1e-4, maxSteps: Math.max(3, Math.min(60, Math.floor(left / step))) }).fit;
};

/** Multiplications of a fit for each row and component, before it is made. */
const workEach = ({ dim: d, components, covariance }: Pick<FitMixtureOptions, 'dim' | 'components' | 'covariance'>): number =>
  USUAL_STEPS * ((covariance === 'full' ? d * d / 2 : 2 * d + (covariance === 'tied' ? d * d / components : 0)) + 30);

/** How a family has done so far. */
interface Progress {
  best: number;
  /** Candidates since the best. */
  failures: number;
  /** What the last one of several components took. */
  last?: { readonly components: number; readonly work: number };
}

/** Training rows, and the rows that judge what was fitted to them. */
interface Held {
  readonly train: Float64Array;
  readonly held: Float64Array;
}

const folds = (train: Float64Array, validation: ArrayLike<number>, dim: number, key: Key): readonly Held[] => {
  const all = new Float64Array(train.length + validation.length);
  all.set(train);
  all.set(validation, train.length);
  const order = permutation(key, all.length / dim);
  return Array.from({ length: FOLDS }, (_, f) => ({ train: rowsOf(all, dim, order.filter((_, i) => i % FOLDS !== f)), held: rowsOf(all, dim, order.filter((_, i) => i % FOLDS === f)) }));
};

/** A random sample of at most `most` rows. */
const limited = (rows: Float64Array, dim: number, most: number, key: Key): Float64Array =>
  rows.length / dim <= most ? rows : rowsOf(rows, dim, permutation(key, rows.length / dim).subarray(0, most));

const rowsOf = (rows: Float64Array, dim: number, indices: Uint32Array): Float64Array => {
  const out = new Float64Array(indices.length * dim);
  indices.forEach((row, i) => out.set(rows.subarray(row * dim, (row + 1) * dim), i * dim));
  return out;
};
