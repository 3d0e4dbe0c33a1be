import { FlowError, fold, shown, type Key } from '@impflow/core';
import { firstLabels, momentsOfLabels } from './first-labels.ts';
import { someRows } from './held-rows.ts';
import { maximization, type Restraint } from './maximization.ts';
import type { MixtureCovariance, MixtureFit, MixtureModel } from './mixture-fit.ts';
import { packRows } from './packed-rows.ts';

/** Options of {@link fitMixture}. */
export interface FitMixtureOptions {
  /** Number of columns `d`. */
  readonly dim: number;
  /** Number of components `K`. */
  readonly components: number;
  /** Kind of covariance. Default `full`. */
  readonly covariance?: MixtureCovariance;
  /** Number added to each variance of every component, as a fraction of the variance of the column. Default 1e-6. */
  readonly ridge?: number;
  /**
   * How far each full or tied covariance is shrunk towards its diagonal, in `[0, 1]`. Use this option for few rows with
   * many columns. Default 0.
   */
  readonly shrinkage?: number;
  /**
   * How far the covariance of each component is shrunk towards the mean covariance of all components, in `[0, 1]`. Use
   * this option for few rows per component. Default 0. With 1, all components have the covariance of a `tied` mixture.
   */
  readonly pooling?: number;
  /** Random key for the initializations. */
  readonly key: Key;
  /**
   * Number of k-means++ initializations. The fit continues from the initialization with the largest likelihood. Default
   * 3.
   */
  readonly restarts?: number;
  /** Initial mixture, used in place of k-means++. */
  readonly start?: MixtureModel;
  /**
   * Weight of each row, `[n]`, at least 0. Only the ratios of the weights matter. k-means++ ignores the weights.
   * Default: all rows have equal weights.
   */
  readonly weights?: ArrayLike<number>;
  /**
   * A fixed density that is added to the mixture, such as {@link tailLogProbs}. The density is given by its logarithm
   * at each row, `[n]`. The added density prevents outliers from attracting a component. Default: none.
   */
  readonly floor?: Float64Array;
  /**
   * The fit has converged when a step changes the log-likelihood by less than `tolerance`, in nats per row. Default
   * 1e-4.
   */
  readonly tolerance?: number;
  /** Maximum number of EM steps. Default 200. */
  readonly maxSteps?: number;
}

/** Maximum number of rows on which the initializations are compared. */
const SEARCH_ROWS = 4000;
/** Number of EM steps from each initialization before the comparison. */
const SEARCH_STEPS = 12;
/**
 * Cost of the initial clusters for each row, component and column, in multiplications of the kernel. The clusters are
 * computed in JavaScript, where a multiplication takes several times as long as in the kernel.
 */
const LABELS_COST = 80;
/**
 * Minimum of the option `pooling` in the first step. Without pooling, a component with few initial rows could collapse
 * onto these rows.
 */
const FIRST_POOLING = 0.5;

/**
 * Fits a Gaussian mixture to `rows` `[n, d]`, row-major, by the EM algorithm in float64, in WebAssembly (decision 032).
 *
 * @remarks If the units of a column change, the fitted mixture is converted to the new units and is otherwise equal.
 * The initializations are compared on up to 4,000 rows. Then EM continues on all rows from the initialization with the
 * largest likelihood. A step costs up to `n K d^2` multiplications and `n K` exponentials. With shrinkage or pooling,
 * the likelihood need not rise in every step.
 * @throws `option` for an option out of its range; `shape` if the length of `rows` is not a multiple of `dim`; `input`
 * for fewer than 2 rows or fewer rows than components, rows that are not finite, or a column that is constant over the
 * rows with a positive weight.
 * @see Dempster, Laird, Rubin, Maximum Likelihood from Incomplete Data via the EM Algorithm, 1977; Friedman,
 * Regularized Discriminant Analysis, 1989, equations 12 and 13, for `pooling`.
 */
export const fitMixture = (rows: ArrayLike<number>, options: FitMixtureOptions): MixtureFit =>
  fitCounted(rows, options).fit;

/** Runs {@link fitMixture} and also returns its cost in multiplications, which is the same on every machine. */
export const fitCounted = (
  rows: ArrayLike<number>,
  options: FitMixtureOptions,
): { readonly fit: MixtureFit; readonly work: number } => {
  const {
    dim: d,
    components,
    covariance = 'full',
    ridge = 1e-6,
    shrinkage = 0,
    pooling = 0,
    key,
    restarts = 3,
    start,
    floor,
    tolerance = 1e-4,
    maxSteps = 200,
  } = options;
  check(rows, { ...options, covariance, ridge, shrinkage, pooling, restarts, maxSteps });
  const weights = withMeanOne(options.weights, rows.length / d);
  const { centre, centred, variances } = centredRows(rows, weights, d);
  const restraint: Restraint = { covariance, shrinkage, pooling, ridge: variances.map((variance) => ridge * variance) };
  const size = { dim: d, components, covariance };
  let work = 0;

  /**
   * Runs EM from a model until a step changes the log-likelihood by less than `stop`, or `steps` steps are done. `own`
   * contains the weights of the points, `least` the logarithms of the fixed density at the points, and `labels` the
   * probable components of the points.
   */
  const improved = (
    from: MixtureModel,
    points: Float64Array,
    own: Float64Array,
    least: Float64Array | undefined,
    labels: Int32Array,
    { steps, stop }: { readonly steps: number; readonly stop: number },
  ): EM => {
    const packed = packRows(points, { ...size, weights: own, floor: least, labels });
    let [model, last, done, converged] = [from, -Infinity, 0, false];
    while (done < steps && !converged) {
      const { logLikelihood, ...moments } = packed.expect(model);
      model = maximization(moments, model, restraint);
      converged = Math.abs(logLikelihood - last) < stop;
      last = logLikelihood;
      done += 1;
    }
    const logLikelihood = meanOf(packed.logProbs(model), own);
    work += packed.work();
    return { model, logLikelihood, steps: done, converged };
  };

  /** Returns the likeliest component of each row. */
  const likeliestOf = (model: MixtureModel): Int32Array => {
    if (components === 1) return new Int32Array(centred.length / d);
    const packed = packRows(centred, { ...size, floor });
    const found = packed.likeliest(model);
    work += packed.work();
    return found;
  };

  const begun =
    start === undefined
      ? likeliest(restarts, (i) => {
          const points = someRows(centred, d, SEARCH_ROWS, fold(key, -1));
          // With this key and this number of rows, `someRows` chooses the same rows as for `points`. So `own` contains
          // the weights of `points`.
          const own = someRows(weights, 1, SEARCH_ROWS, fold(key, -1));
          const least = floor && someRows(floor, 1, SEARCH_ROWS, fold(key, -1));
          const labels = firstLabels(points, variances.map(Math.sqrt), components, fold(key, i));
          const moments = momentsOfLabels(points, labels, own, size);
          const first = maximization(
            moments,
            { ...size, means: moments.means },
            { ...restraint, pooling: Math.max(pooling, FIRST_POOLING) },
          );
          work += LABELS_COST * (points.length / d) * components * d;
          return improved(first, points, own, least, labels, {
            steps: components === 1 ? 1 : SEARCH_STEPS,
            stop: tolerance,
          });
        })
      : { model: shifted(start, centre, -1) };
  const labels = likeliestOf(begun.model);
  const { model, ...found } = improved(begun.model, centred, weights, floor, labels, {
    steps: maxSteps,
    stop: tolerance,
  });
  return { fit: Object.freeze<MixtureFit>({ ...shifted(model, centre, 1), ...found }), work };
};

interface EM extends Pick<MixtureFit, 'logLikelihood' | 'steps' | 'converged'> {
  readonly model: MixtureModel;
}

const likeliest = (count: number, make: (i: number) => EM): EM => {
  let best = make(0);
  for (let i = 1; i < count; i++) {
    const next = make(i);
    if (next.logLikelihood > best.logLikelihood) best = next;
  }
  return best;
};

/** Returns weights scaled to a mean of 1, or a weight of 1 for each of `count` rows. */
const withMeanOne = (weights: ArrayLike<number> | undefined, count: number): Float64Array => {
  if (weights === undefined) return new Float64Array(count).fill(1);
  const total = Array.from(weights).reduce((sum, weight) => sum + weight, 0);
  const right = weights.length === count && Array.from(weights).every((weight) => weight >= 0) && total > 0;
  if (right && total < Infinity) return Float64Array.from(weights, (weight) => (weight * count) / total);
  throw wrong('weights', `${count} finite numbers of at least 0, not all 0`, `${weights.length} numbers`);
};

const centredRows = (
  rows: ArrayLike<number>,
  weights: Float64Array,
  d: number,
): { readonly centre: Float64Array; readonly centred: Float64Array; readonly variances: Float64Array } => {
  const count = rows.length / d;
  const centre = new Float64Array(d);
  for (let at = 0; at < rows.length; at++) centre[at % d]! += (weights[Math.floor(at / d)]! * rows[at]!) / count;
  const centred = Float64Array.from(rows);
  const variances = new Float64Array(d);
  for (let at = 0; at < centred.length; at++) {
    centred[at]! -= centre[at % d]!;
    variances[at % d]! += (weights[Math.floor(at / d)]! * centred[at]! ** 2) / count;
  }
  const wrong = variances.findIndex((variance) => !(variance > 0 && variance < Infinity));
  if (wrong >= 0) {
    throw new FlowError('input', 'flows/fitMixture', `No mixture fits column ${wrong}`, {
      expected: 'finite numbers that differ',
      got: `variance ${variances[wrong]!}`,
      hint: 'Leave the column out, or repair its values.',
    });
  }
  return { centre, centred, variances };
};

const shifted = (model: MixtureModel, by: Float64Array, sign: 1 | -1): MixtureModel => ({
  ...model,
  means: model.means.map((mean, at) => mean + sign * by[at % by.length]!),
});

const meanOf = (values: Float64Array, weights: Float64Array): number =>
  values.reduce((sum, value, row) => sum + weights[row]! * value, 0) / weights.reduce((sum, weight) => sum + weight, 0);

const KINDS: readonly MixtureCovariance[] = ['full', 'diagonal', 'tied'];

const check = (
  rows: ArrayLike<number>,
  {
    dim,
    components,
    covariance,
    ridge,
    shrinkage,
    pooling,
    restarts,
    maxSteps,
    start,
    floor,
  }: Required<
    Pick<
      FitMixtureOptions,
      'dim' | 'components' | 'covariance' | 'ridge' | 'shrinkage' | 'pooling' | 'restarts' | 'maxSteps'
    >
  > &
    Pick<FitMixtureOptions, 'start' | 'floor'>,
): void => {
  const positive = (value: number): boolean => Number.isInteger(value) && value > 0;
  for (const [name, value] of Object.entries({ dim, components, restarts, maxSteps }))
    if (!positive(value)) throw wrong(name, 'a positive integer', shown(value));
  for (const [name, value] of Object.entries({ shrinkage, pooling }))
    if (!(value >= 0 && value <= 1)) throw wrong(name, 'a number in [0, 1]', shown(value));
  if (!(ridge > 0 && ridge < Infinity)) throw wrong('ridge', 'a positive number', shown(ridge));
  if (!KINDS.includes(covariance)) throw wrong('covariance', `one of ${KINDS.join(', ')}`, shown(covariance));
  if (
    start !== undefined &&
    (start.dim !== dim || start.components !== components || start.covariance !== covariance)
  ) {
    throw wrong(
      'start',
      `${components} ${covariance} components in ${dim} dimensions`,
      `${start.components} ${start.covariance} components in ${start.dim}`,
    );
  }
  if (rows.length % dim !== 0)
    throw new FlowError('shape', 'flows/fitMixture', 'Wrong number of values', {
      expected: `a multiple of ${dim}`,
      got: String(rows.length),
      hint: 'Give complete rows, one after the other.',
    });
  if (floor !== undefined && floor.length * dim !== rows.length)
    throw wrong('floor', `${rows.length / dim} numbers, one for each row`, `${floor.length} numbers`);
  const least = Math.max(2, components);
  if (rows.length / dim < least)
    throw new FlowError('input', 'flows/fitMixture', 'Too few rows', {
      expected: `at least ${least} for ${components} components`,
      got: String(rows.length / dim),
      hint: 'Give more rows, or fewer components.',
    });
};

const wrong = (name: string, expected: string, got: string): FlowError =>
  new FlowError('option', 'flows/fitMixture', `Wrong ${name}`, { expected, got });
