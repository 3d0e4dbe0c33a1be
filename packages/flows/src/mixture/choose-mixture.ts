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
  /** `shrinkage`, `pooling` and `ridge` of the fit, as in {@link FitMixtureOptions}. */
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
/** Steps, with those of the starts, that the estimate of a cost assumes. */
const USUAL_STEPS = 60;
/** Numbers of components without a new best after which the first family ends. */
const PATIENCE = 2;
/** Share of the search that the first family gets. */
const FIRST_SHARE = 0.5;
/** Nats per row behind the best on the first fold at which a candidate is not fitted to the others. */
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

/** In the order that they are tried. The freer the covariances, the fewer components they need: the first family is the cheapest to search. */
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
  /** Index of its number of components in `components`. */
  readonly at: number;
  /** The fit to the training rows of the last fold. */
  readonly fit: MixtureFit;
  /** Held-out log-likelihood of each fold, or of the first alone where the candidate is hopeless. */
  readonly scores: readonly number[];
}

/** Whether a candidate is better on the folds that both have. */
const isBetter = ({ scores }: Candidate, than: Candidate): boolean => {
  const common = Math.min(scores.length, than.scores.length);
  return sumOf(scores.slice(0, common)) > sumOf(than.scores.slice(0, common));
};

const sumOf = (values: Iterable<number>): number => {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
};

/**
 * The Gaussian mixture with the best held-out log-likelihood: components and covariances are tried within a budget, and the best is fitted to `train`. Both tables are `[n, d]`, row-major.
 *
 * @remarks Below 2,000 rows in all, each candidate is judged by five folds of training and validation rows together, where the budget allows it; else by the validation rows. The first kind of
 * covariance, full where it is among them, is tried with more and more components until two numbers in turn bring no better mixture. Each other kind begins at the best number so far, then goes up, or else down,
 * while that is better. With few rows, some kinds are shrunk, pooled or have a larger ridge.
 * @throws `shape` and `input` as {@link fitMixture}; `input` where there are no validation rows, or none has a density; `option` where there is nothing to choose from.
 */
export const chooseMixture = (train: ArrayLike<number>, validation: ArrayLike<number>, { dim, components = COMPONENTS, covariances = ['full', 'diagonal', 'tied'], key, seconds = 5 }: ChooseMixtureOptions): MixtureChoice => {
  if (validation.length < dim) throw new FlowError('input', 'flows/chooseMixture', 'No validation rows', { expected: 'at least one', got: 'none', hint: 'Hold some rows out.' });
  const [trainRows, total] = [train.length / dim, (train.length + validation.length) / dim];
  const few = total < FEW_ROWS;
  const [first, ...others] = FAMILIES.filter((family) => covariances.includes(family.covariance) && (few || family.few !== true));
  if (first === undefined || components.length === 0) {
    throw new FlowError('option', 'flows/chooseMixture', 'Nothing to choose from', { expected: 'a number of components, and some of full, diagonal, tied', got: `components [${components.join(', ')}], covariances [${covariances.join(', ')}]` });
  }
  const budget = seconds * OPERATIONS;
  const own = Float64Array.from(train);
  // Five candidates of five components at least.
  const folded = few && total >= FOLDS && 5 * FOLDS * total * 5 * workEach({ dim, components: 5, covariance: 'full' }) < budget;
  const held: readonly Held[] = folded ? folds(own, validation, dim, fold(key, 0)) : [{
    train: someRows(own, dim, MANY.train, fold(key, 1)), held: someRows(Float64Array.from(validation), dim, MANY.validation, fold(key, 2)),
  }];
  const foldRows = held[0]!.train.length / dim;
  // Multiplications so far; of candidates of several components also how many were expected.
  const spent = { all: 0, several: 0, expected: 0 };
  let tried = 0;
  let best: Candidate | undefined;

  /** The candidate of a family with `components[at]` components. `undefined` where there is no such number, or where the components are too many for the rows or the budget. */
  const judged = (family: Family, at: number): Candidate | undefined => {
    const { few: _few, ...shape } = family;
    const count = components[at];
    if (count === undefined) return undefined;
    const options = { dim, components: count, ...shape, key: fold(key, 3), restarts: folded ? 2 : 1, ...SEARCH };
    const each = count * workEach(options);
    // Fits tend to take fewer steps than assumed: as many fewer as those before. One component takes next to none.
    const pace = spent.expected === 0 ? 1 : spent.several / spent.expected;
    const room = (family === first ? FIRST_SHARE : 1) * SEARCH_SHARE * budget - spent.all;
    if (best !== undefined && (ROWS_EACH * count > foldRows || pace * held.length * foldRows * each > room)) return undefined;
    const scores: number[] = [];
    let fit: MixtureFit | undefined;
    for (const part of held) {
      const counted = fitCounted(part.train, options);
      fit = counted.fit;
      spent.all += counted.work;
      if (count > 1) {
        spent.several += counted.work;
        spent.expected += (part.train.length / dim) * each;
      }
      scores.push(sumOf(mixtureLogProbs(fit, part.held)));
      if (best !== undefined && scores[0]! < best.scores[0]! - HOPELESS * part.held.length / dim) break;
    }
    tried += 1;
    const candidate: Candidate = { options, at, fit: fit!, scores };
    if (scores.length === held.length && Number.isFinite(sumOf(scores)) && (best === undefined || isBetter(candidate, best))) best = candidate;
    return candidate;
  };

  /** Goes from a candidate to more or fewer components, as long as each is better than the one before. Returns whether the first was. */
  const climbs = (family: Family, from: Candidate, step: 1 | -1): boolean => {
    const next = judged(family, from.at + step);
    if (next === undefined || !isBetter(next, from)) return false;
    climbs(family, next, step);
    return true;
  };

  for (let at = 0; at - (best?.at ?? 0) <= PATIENCE && judged(first, at) !== undefined;) at += 1;
  for (const family of others) {
    let here: Candidate | undefined;
    // Fewer components where the rows or the budget do not allow as many.
    for (let at = best?.at ?? 0; at >= 0 && here === undefined; at--) here = judged(family, at);
    if (here !== undefined && !climbs(family, here, 1)) climbs(family, here, -1);
  }
  if (best === undefined) throw new FlowError('input', 'flows/chooseMixture', 'No mixture fits', { expected: 'finite numbers', got: 'validation rows without a density', hint: 'Look for missing or extreme values.' });
  const { options, scores } = best;
  return {
    fit: last(best, own, { folded, trainRows, foldRows, left: budget - spent.all }), logLikelihood: sumOf(scores) / held.reduce((sum, part) => sum + part.held.length / dim, 0), by: folded ? 'folds' : 'validation',
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
