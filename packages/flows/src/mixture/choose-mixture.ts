import { FlowError, fold, type Key } from '@impflow/core';
import { tailLogProbs, type Tail } from '../tail.ts';
import { fitCounted, type FitMixtureOptions } from './fit-mixture.ts';
import { FOLDS, foldsOf, some, type Part, type Rows } from './held-rows.ts';
import type { MixtureCovariance, MixtureFit } from './mixture-fit.ts';
import { mixtureLogProbs } from './mixture-log-probs.ts';

/** Options of {@link chooseMixture}. */
export interface ChooseMixtureOptions {
  /** Number of columns `d`. */
  readonly dim: number;
  /** Numbers of components to try, in ascending order. Default 1, 2, 3, 5, 8, 12, 20, 30, 50, 80, 130, 200. */
  readonly components?: readonly number[];
  /** Kinds of covariances to try. Default: all three. */
  readonly covariances?: readonly MixtureCovariance[];
  /** Random key for the folds and the initializations. */
  readonly key: Key;
  /**
   * Weights of the training rows and of the validation rows, `[n]` each: see {@link FitMixtureOptions}. The weights of
   * each list have a mean of 1. Default: all rows have equal weights.
   */
  readonly weights?: { readonly train: ArrayLike<number>; readonly validation: ArrayLike<number> };
  /**
   * Budget of the search in nominal seconds: one second stands for 4e9 multiplications. The search counts
   * multiplications instead of measuring time, so the choice is the same on every machine. Default 5.
   */
  readonly seconds?: number;
  /**
   * A broad density that is mixed into every candidate. Without a tail, an outlier can attract a component or decide
   * the choice. Default: none.
   */
  readonly tail?: Tail;
}

/** A mixture and how it was chosen. */
export interface MixtureChoice {
  /** Returns the mixture, fitted to all training rows. The first call fits the mixture. */
  mixture(): MixtureFit;
  /**
   * The mixture as the search fitted it, either to some of the training rows or to the training rows of the last fold.
   */
  readonly searched: MixtureFit;
  /**
   * Mean `log p` of the held-out rows under the chosen mixture, in nats per row. The search chooses the mixture with
   * the largest value.
   */
  readonly logLikelihood: number;
  /**
   * Rows on which the candidates were scored. `validation`: the validation rows. `folds`: all rows, each once, by
   * five-fold cross-validation.
   */
  readonly by: 'validation' | 'folds';
  /** `shrinkage` of the fit, as in {@link FitMixtureOptions}. */
  readonly shrinkage: number;
  /** `pooling` of the fit, as in {@link FitMixtureOptions}. */
  readonly pooling: number;
  /** `ridge` of the fit, as in {@link FitMixtureOptions}. */
  readonly ridge: number;
  /** Number of mixtures that were compared. */
  readonly tried: number;
}

const COMPONENTS = [1, 2, 3, 5, 8, 12, 20, 30, 50, 80, 130, 200] as const;
/**
 * Cross-validation is used if the total number of training and validation rows is below this number, because the
 * validation rows alone would be too few.
 */
const FEWEST_UNFOLDED = 2000;
/**
 * `train` is the maximum number of rows to which candidates are fitted, and `validation` the maximum number of rows on
 * which they are scored. More rows do not change the choice. A candidate with many components is fitted to `each` rows
 * per component.
 */
const MANY = { train: 6000, each: 200, validation: 5000 } as const;
/** Minimum average number of rows per component of a candidate. */
const ROWS_EACH = 5;
/** Number of EM steps that the cost estimate assumes, including the steps of the initializations. */
const USUAL_STEPS = 60;
/**
 * The search of the first family tries more and more components. The search ends after this number of successive tries
 * without a new best candidate.
 */
const PATIENCE = 2;
/** Fraction of the search budget for the first family. */
const FIRST_SHARE = 0.75;
/**
 * Difference in nats per row. A candidate that is worse than the best candidate by `HOPELESS` on the first fold is not
 * fitted to further folds.
 */
const HOPELESS = 1;
/** A loose tolerance is enough, because candidates differ clearly before they have fully converged. */
const SEARCH = { tolerance: 1e-3, maxSteps: 25 } as const;
/** Multiplications per second that the budget assumes. */
const OPERATIONS = 4e9;
/** Fraction of the budget for the candidates. The rest is for the last fit, which uses all training rows. */
const SEARCH_SHARE = 0.7;

/** A kind of covariance with its regularization. The search tries each family with several numbers of components. */
interface Family extends Required<Pick<FitMixtureOptions, 'covariance' | 'shrinkage' | 'pooling' | 'ridge'>> {
  /**
   * If true, the family is tried only with few rows; if false, only with many rows. Default: the family is always
   * tried.
   */
  readonly few?: boolean;
}

/**
 * Families in the order of the search. Less restricted covariances need fewer components, so the first family is the
 * cheapest to search.
 */
const FAMILIES: readonly Family[] = [
  { covariance: 'full', shrinkage: 0, pooling: 0, ridge: 1e-6 },
  { covariance: 'full', shrinkage: 0.5, pooling: 0, ridge: 1e-2, few: true },
  { covariance: 'full', shrinkage: 0.25, pooling: 0.25, ridge: 1e-2, few: true },
  { covariance: 'full', shrinkage: 0.1, pooling: 0, ridge: 1e-6, few: true },
  { covariance: 'full', shrinkage: 0, pooling: 0.25, ridge: 1e-6, few: true },
  { covariance: 'full', shrinkage: 0, pooling: 0, ridge: 1e-3, few: false },
  { covariance: 'diagonal', shrinkage: 0, pooling: 0, ridge: 1e-6 },
  { covariance: 'tied', shrinkage: 0, pooling: 0, ridge: 1e-6 },
  { covariance: 'tied', shrinkage: 0.1, pooling: 0, ridge: 1e-6, few: true },
];

interface Candidate {
  readonly options: Family & FitMixtureOptions;
  /** Index of the candidate's number of components in the list of numbers to try. */
  readonly at: number;
  /** The fit to the training rows of the last fold. */
  readonly fit: MixtureFit;
  /** Held-out log-likelihood on each fold, or only on the first fold if the candidate is much worse than the best. */
  readonly scores: readonly number[];
}

/**
 * Returns whether the first candidate has a higher likelihood than `than`. Compares only folds for which both
 * candidates have scores.
 */
const hasHigherScore = ({ scores }: Candidate, than: Candidate): boolean => {
  const common = Math.min(scores.length, than.scores.length);
  return sumOf(scores.slice(0, common)) > sumOf(than.scores.slice(0, common));
};

const sumOf = (values: Iterable<number>): number => {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
};

/**
 * Returns the Gaussian mixture with the best held-out log-likelihood. Tries several numbers of components and kinds of
 * covariance within a budget. The best mixture is fitted to all rows of `train` at the first call of `mixture`. `train`
 * and `validation` are tables `[n, d]`, row-major.
 *
 * @remarks With fewer than 2,000 rows in all, each candidate is scored by five-fold cross-validation on training and
 * validation rows, if the budget allows it. With more rows or a smaller budget, candidates are scored on the validation
 * rows. The search begins with the kind `full` if `covariances` contains it. The first kind is tried with more and more
 * components until two successive numbers give no better mixture. Each other kind starts at the best number of
 * components so far. The search then tries more components as long as the result improves; if the first step brings no
 * improvement, the search tries fewer components. With few rows, the search also tries covariances that are shrunk or
 * pooled, or that have a larger ridge.
 * @throws `shape` and `input` as {@link fitMixture}; `input` if there are no validation rows or no candidate has a
 * finite density at these rows; `option` if `components` is empty or `covariances` contains no known kind.
 */
export const chooseMixture = (
  train: ArrayLike<number>,
  validation: ArrayLike<number>,
  {
    dim,
    components = COMPONENTS,
    covariances = ['full', 'diagonal', 'tied'],
    key,
    seconds = 5,
    weights: given,
    tail,
  }: ChooseMixtureOptions,
): MixtureChoice => {
  if (validation.length < dim)
    throw new FlowError('input', 'flows/chooseMixture', 'No validation rows', {
      expected: 'at least one',
      got: 'none',
      hint: 'Hold some rows out for validation.',
    });
  const total = (train.length + validation.length) / dim;
  const few = total < FEWEST_UNFOLDED;
  const [first, ...others] = FAMILIES.filter(
    (family) => covariances.includes(family.covariance) && family.few !== !few,
  );
  if (first === undefined || components.length === 0) {
    throw new FlowError('option', 'flows/chooseMixture', 'No choices of components or covariance', {
      expected: 'at least one number of components, and at least one of full, diagonal, tied',
      got: `components [${components.join(', ')}], covariances [${covariances.join(', ')}]`,
    });
  }
  const budget = seconds * OPERATIONS;
  const own = Float64Array.from(train);
  // Use folds only if the budget allows at least five candidates of five components.
  const folded = few && total >= FOLDS && 5 * FOLDS * total * 5 * workEach({ dim, covariance: 'full' }) < budget;
  const ones = (rows: ArrayLike<number>): Float64Array => new Float64Array(Math.ceil(rows.length / dim)).fill(1);
  const all: Rows = { rows: own, weights: Float64Array.from(given?.train ?? ones(train)) };
  const judges: Rows = {
    rows: Float64Array.from(validation),
    weights: Float64Array.from(given?.validation ?? ones(validation)),
  };
  const parts = folded ? foldsOf(all, judges, dim, fold(key, 0)) : [];
  const held = folded ? undefined : some(judges, dim, MANY.validation, fold(key, 2));
  /** Returns the rows that a candidate is fitted to and scored on, once for each fold. */
  const partsFor = (count: number): readonly Part[] =>
    held === undefined
      ? parts
      : [{ train: some(all, dim, Math.max(MANY.train, MANY.each * count), fold(key, 1)), held }];
  const heldTotals = partsFor(1).map((part) => sumOf(part.held.weights));
  // Multiplications so far: for all candidates (`all`), and for the candidates with several components (`several`).
  // `expected` is the estimate that corresponds to `several`.
  const spent = { all: 0, several: 0, expected: 0 };
  let tried = 0;
  let best: Candidate | undefined;

  /** Returns the options of a fit that depend on its rows: `weights`, and `floor` if there is a tail. */
  const fixedOf = ({ rows, weights }: Rows): Pick<FitMixtureOptions, 'floor'> & Pick<Rows, 'weights'> => ({
    weights,
    ...(tail === undefined ? {} : { floor: tailLogProbs(rows, dim, tail) }),
  });

  /**
   * Fits and scores the candidate of a family with `components[at]` components. Returns `undefined` if `at` is not an
   * index of `components`, or if the rows or the budget do not allow that many components.
   */
  const judged = (family: Family, at: number): Candidate | undefined => {
    const { few: _few, ...shape } = family;
    const count = components[at];
    if (count === undefined) return undefined;
    const options = { dim, components: count, ...shape, key: fold(key, 3), restarts: folded ? 2 : 1, ...SEARCH };
    const each = count * workEach(options);
    const own = partsFor(count);
    const rows = own[0]!.train.weights.length;
    // Scale the estimate by the ratio of actual to estimated work so far. The ratio excludes fits with one component,
    // which take almost no steps.
    const pace = spent.expected === 0 ? 1 : spent.several / spent.expected;
    const room = (family === first ? FIRST_SHARE : 1) * SEARCH_SHARE * budget - spent.all;
    if (best !== undefined && (ROWS_EACH * count > rows || pace * own.length * rows * each > room)) return undefined;
    const scores: number[] = [];
    let fit: MixtureFit | undefined;
    for (const [f, part] of own.entries()) {
      const counted = fitCounted(part.train.rows, { ...options, ...fixedOf(part.train) });
      fit = counted.fit;
      spent.all += counted.work;
      if (count > 1) {
        spent.several += counted.work;
        spent.expected += rows * each;
      }
      const { weights } = part.held;
      scores.push(sumOf(mixtureLogProbs(fit, part.held.rows, tail).map((value, row) => weights[row]! * value)));
      if (best !== undefined && scores[0]! < best.scores[0]! - HOPELESS * heldTotals[f]!) break;
    }
    tried += 1;
    const candidate: Candidate = { options, at, fit: fit!, scores };
    if (
      scores.length === own.length &&
      Number.isFinite(sumOf(scores)) &&
      (best === undefined || hasHigherScore(candidate, best))
    )
      best = candidate;
    return candidate;
  };

  /**
   * Moves from a candidate to more or fewer components as long as each step improves the score. Returns whether the
   * first step improved the score.
   */
  const climbs = (family: Family, from: Candidate, step: 1 | -1): boolean => {
    const next = judged(family, from.at + step);
    if (next === undefined || !hasHigherScore(next, from)) return false;
    climbs(family, next, step);
    return true;
  };

  for (let at = 0; at - (best?.at ?? 0) <= PATIENCE && judged(first, at) !== undefined;) at += 1;
  for (const family of others) {
    let here: Candidate | undefined;
    // Reduce the number of components until the rows and the budget allow it.
    for (let at = best?.at ?? 0; at >= 0 && here === undefined; at--) here = judged(family, at);
    if (here !== undefined && !climbs(family, here, 1)) climbs(family, here, -1);
  }
  if (best === undefined)
    throw new FlowError('input', 'flows/chooseMixture', 'No mixture fits the validation rows', {
      expected: 'finite log-densities',
      got: 'infinity or NaN for every mixture',
      hint: 'Look for missing or extreme values in these rows.',
    });
  const found = best;
  const { options, scores, fit: searched } = found;
  let whole: MixtureFit | undefined;
  return {
    mixture: () => (whole ??= last(found, all.rows, fixedOf(all), { folded, left: budget - spent.all })),
    searched,
    logLikelihood: sumOf(scores) / sumOf(heldTotals),
    by: folded ? 'folds' : 'validation',
    shrinkage: options.shrinkage,
    pooling: options.pooling,
    ridge: options.ridge,
    tried,
  };
};

/** Returns the final fit to all training rows. Without folds, the final fit starts from the candidate's fit. */
const last = (
  { options, fit }: Candidate,
  rows: Float64Array,
  fixed: Pick<FitMixtureOptions, 'floor'> & Pick<Rows, 'weights'>,
  { folded, left }: { readonly folded: boolean; readonly left: number },
): MixtureFit => {
  if (folded) return fitCounted(rows, { ...options, ...fixed, restarts: 3 }).fit;
  const step = (fixed.weights.length * options.components * workEach(options)) / USUAL_STEPS;
  return fitCounted(rows, {
    ...options,
    ...fixed,
    start: fit,
    tolerance: 1e-4,
    maxSteps: Math.max(3, Math.min(60, Math.floor(left / step))),
  }).fit;
};

/** Returns the expected multiplications of a fit, per row and component. */
const workEach = ({ dim: d, covariance }: Pick<FitMixtureOptions, 'dim' | 'covariance'>): number =>
  USUAL_STEPS * ((covariance === 'diagonal' ? 2 * d : (d * d) / 2) + 30);
