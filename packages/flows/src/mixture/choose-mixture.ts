import { FlowError, fold, type Key } from '@impflow/core';
import { fitCounted, type FitMixtureOptions } from './fit-mixture.ts';
import { FOLDS, folds, someRows, type Held } from './held-rows.ts';
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
  readonly ridge: number;
  /** Mixtures that were compared. */
  readonly tried: number;
}

const COMPONENTS = [1, 2, 3, 5, 8, 12, 20, 30, 50] as const;
/** With fewer rows the validation rows are too few to choose by. */
const FEW_ROWS = 2000;
/** Rows that candidates are fitted to and judged by: more do not change the choice. */
const MANY = { train: 6000, validation: 5000 } as const;
/** Rows that each component of a candidate has at least, on average. */
const ROWS_EACH = 5;
/** Steps that a fit takes with its starts, for an estimate of its cost where a smaller one tells nothing. */
const USUAL_STEPS = 60;
/** Numbers of components without a new best after which the first family ends. */
const PATIENCE = 2;
/** Nats per row behind the best on the first fold at which the others are not worth their time. */
const HOPELESS = 1;
/** Candidates are told apart before they have converged to the last digit. */
const SEARCH = { tolerance: 1e-3, maxSteps: 25 } as const;
const OPERATIONS = 1e9;
/** Share of the budget for the candidates; the rest is for the last fit, to all training rows. */
const SEARCH_SHARE = 0.7;

/** A way to shape covariances, tried with several numbers of components. */
interface Family extends Required<Pick<FitMixtureOptions, 'covariance' | 'shrinkage' | 'pooling' | 'ridge'>> {
  /** For few rows alone. */
  readonly few?: boolean;
}

/** In the order that they are tried: freer covariances need fewer components, so the first is the cheapest. */
const FAMILIES: readonly Family[] = [
  { covariance: 'full', shrinkage: 0, pooling: 0, ridge: 1e-6 },
  { covariance: 'full', shrinkage: 0.5, pooling: 0, ridge: 1e-2, few: true },
  { covariance: 'full', shrinkage: 0.25, pooling: 0.25, ridge: 1e-2, few: true },
  { covariance: 'full', shrinkage: 0.1, pooling: 0, ridge: 1e-6, few: true },
  { covariance: 'full', shrinkage: 0, pooling: 0.25, ridge: 1e-6, few: true },
  { covariance: 'diagonal', shrinkage: 0, pooling: 0, ridge: 1e-6 },
  { covariance: 'tied', shrinkage: 0, pooling: 0, ridge: 1e-6 },
  { covariance: 'tied', shrinkage: 0.1, pooling: 0, ridge: 1e-6, few: true },
];

interface Candidate {
  readonly options: Family & FitMixtureOptions;
  /** Place of its number of components. */
  readonly at: number;
  /** Of the last fold that it was fitted to. */
  readonly fit: MixtureFit;
  /** Mean held-out log-density of each fold, or of the first alone where it is hopeless. */
  readonly scores: readonly number[];
}

/** Whether a candidate is better on the folds that both have. */
const isBetter = ({ scores }: Candidate, than: Candidate): boolean => {
  const common = Math.min(scores.length, than.scores.length);
  return meanOf(scores.slice(0, common)) > meanOf(than.scores.slice(0, common));
};

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * The Gaussian mixture with the best held-out log-likelihood: components and covariances are tried within a budget, and the best is fitted to `train`. Both tables are `[n, d]`, row-major.
 *
 * @remarks Below 2,000 rows in all, each candidate is judged by five folds of training and validation rows together, where the budget allows it; above, by the validation rows. Full
 * covariances are tried with more and more components, until these are no better. Each other kind, restrained by shrinkage, pooling and a larger ridge where rows are few, begins at the best number so far and goes
 * on to more or fewer as long as that is better.
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
    train: someRows(own, dim, MANY.train, fold(key, 1)), held: someRows(Float64Array.from(validation), dim, MANY.validation, fold(key, 2)),
  }];
  const foldRows = held[0]!.train.length / dim;
  // Multiplications so far, and how many were expected.
  let [work, expected, tried] = [0, 0, 0];
  let best: Candidate | undefined;

  /** The candidate of a family with the components at a place, unless there are none, or too many for the rows or the budget. */
  const judged = ({ few: _few, ...shape }: Family, at: number): Candidate | undefined => {
    const count = components[at];
    if (count === undefined) return undefined;
    const options = { dim, components: count, ...shape, key: fold(key, 3), restarts: folded ? 2 : 1, ...SEARCH };
    const cost = held.length * foldRows * count * workEach(options);
    // Fits tend to take fewer steps than expected: as many fewer as those before.
    const pace = expected === 0 ? 1 : work / expected;
    if (best !== undefined && (ROWS_EACH * count > foldRows || pace * cost > SEARCH_SHARE * budget - work)) return undefined;
    const scores: number[] = [];
    let fit: MixtureFit | undefined;
    for (const part of held) {
      const counted = fitCounted(part.train, options);
      fit = counted.fit;
      work += counted.work;
      expected += (part.train.length / dim) * count * workEach(options);
      scores.push(meanOf(Array.from(mixtureLogProbs(fit, part.held), (value) => (Number.isNaN(value) ? -Infinity : value))));
      if (scores[0]! < (best?.scores[0] ?? -Infinity) - HOPELESS) break;
    }
    tried += 1;
    const candidate: Candidate = { options, at, fit: fit!, scores };
    if (scores.length === held.length && Number.isFinite(meanOf(scores)) && (best === undefined || isBetter(candidate, best))) best = candidate;
    return candidate;
  };

  /** The best candidate on the way to more or fewer components, as long as each is better than the one before. */
  const climbed = (family: Family, from: Candidate, step: 1 | -1): Candidate => {
    const next = judged(family, from.at + step);
    return next !== undefined && isBetter(next, from) ? climbed(family, next, step) : from;
  };

  const [first, ...others] = FAMILIES.filter((family) => covariances.includes(family.covariance) && (few || family.few !== true));
  for (let at = 0; at - (best?.at ?? 0) <= PATIENCE && judged(first!, at) !== undefined;) at += 1;
  for (const family of others) {
    let here: Candidate | undefined;
    for (let at = best?.at ?? 0; at >= 0 && here === undefined; at--) here = judged(family, at);
    if (here === undefined) continue;
    const more = climbed(family, here, 1);
    if (more === here) climbed(family, here, -1);
  }
  if (best === undefined) throw new FlowError('input', 'flows/chooseMixture', 'No mixture fits', { expected: 'finite numbers', got: 'validation rows without a density', hint: 'Look for missing or extreme values.' });
  const { options, scores } = best;
  return {
    fit: last(best, own, { folded, trainRows, foldRows, left: budget - work }), logLikelihood: meanOf(scores), by: folded ? 'folds' : 'validation',
    shrinkage: options.shrinkage, pooling: options.pooling, ridge: options.ridge, tried,
  };
};

/** The best candidate for all training rows: as it is where it has seen them, else fitted to them. */
const last = ({ options, fit }: Candidate, train: Float64Array, { folded, trainRows, foldRows, left }: { readonly folded: boolean; readonly trainRows: number; readonly foldRows: number; readonly left: number }): MixtureFit => {
  if (folded) return fitCounted(train, { ...options, restarts: 3 }).fit;
  if (trainRows === foldRows) return fit;
  const step = trainRows * options.components * workEach(options) / USUAL_STEPS;
  return fitCounted(train, { ...options, start: fit, tolerance: 1e-4, maxSteps: Math.max(3, Math.min(60, Math.floor(left / step))) }).fit;
};

/** Multiplications of a fit for each row and component, before it is made. */
const workEach = ({ dim: d, components, covariance }: Pick<FitMixtureOptions, 'dim' | 'components' | 'covariance'>): number =>
  USUAL_STEPS * ((covariance === 'full' ? d * d / 2 : 2 * d + (covariance === 'tied' ? d * d / components : 0)) + 30);
