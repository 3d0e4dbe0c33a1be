import type { MixtureModel } from '@impflow/flows';
import { factored, solveLower, solveUpper, type Factored } from './cholesky.ts';

/**
 * A Gaussian mixture in which some coordinates are known. The methods return the density of the known coordinates, and
 * the conditional density of the unknown coordinates given the known coordinates. All numbers are float64.
 */
export interface PartialMixture {
  /** Returns the log-density `log q` of the known coordinates. */
  logKnown(known: Float64Array): number;
  /** Returns the conditional density of the unknown coordinates, given the known coordinates. */
  given(known: Float64Array): ConditionalMixture;
}

/** A Gaussian mixture of the unknown coordinates, for given values of the known coordinates. */
interface ConditionalMixture {
  /**
   * Draws a point. `component` is a uniform random number that chooses the component of the mixture. `width` is a
   * uniform random number that chooses between the covariance of the component and a wider covariance; the value 1
   * always chooses the covariance of the component. `normals` contains a standard normal number for each coordinate.
   */
  draw(component: number, width: number, normals: Float64Array): Float64Array;
  /** Returns the log-density `log q` of a point. The density `q` includes the components with the wider covariance. */
  logProb(unknown: Float64Array): number;
}

/**
 * `share` is the fraction of the draws that use a wider covariance. `factor` is the ratio of the wider standard
 * deviations to the original standard deviations. The wider draws bound the importance weights where the mixture is too
 * narrow.
 */
const WIDE = { share: 0.2, factor: 3 } as const;
const LOG_2_PI = Math.log(2 * Math.PI);

interface Component {
  readonly logWeight: number;
  readonly mean: Float64Array;
  /** Covariance of the known coordinates. */
  readonly known: Factored;
  /** Precision matrix of the unknown coordinates given the known coordinates. */
  readonly unknown: Factored;
  /**
   * Block of the precision matrix with the rows of the unknown and the columns of the known coordinates, `[unknown,
   * known]`.
   */
  readonly between: Float64Array;
}

/**
 * Returns a mixture in which the coordinates with the indices `unknown` are unknown. The indices are in ascending
 * order.
 */
export const partialMixture = (model: MixtureModel, unknown: readonly number[]): PartialMixture => {
  const known = Array.from({ length: model.dim }, (_, i) => i).filter((i) => !unknown.includes(i));
  const components = Array.from({ length: model.components }, (_, k) => componentOf(model, k, known, unknown));
  const part = (mean: Float64Array, indices: readonly number[]): Float64Array =>
    Float64Array.from(indices, (i) => mean[i]!);
  const logs = (values: Float64Array): Float64Array =>
    Float64Array.from(components, ({ logWeight, mean, known: covariance }) => {
      if (known.length === 0) return logWeight;
      const y = solveLower(
        covariance,
        values.map((value, i) => value - mean[known[i]!]!),
      );
      return logWeight - 0.5 * (dot(y, y) + known.length * LOG_2_PI) - covariance.logDet;
    });
  return {
    logKnown: (values) => logSumExp(logs(values)),
    given: (values) => {
      const shares = logs(values);
      const total = logSumExp(shares);
      const parts = components.map(({ mean, unknown: precision, between }, k) => {
        const gap = values.map((value, i) => value - mean[known[i]!]!);
        const pull = Float64Array.from(unknown, (_, i) => {
          let sum = 0;
          for (let j = 0; j < known.length; j++) sum -= between[i * known.length + j]! * gap[j]!;
          return sum;
        });
        const shift = solveUpper(precision, solveLower(precision, pull));
        return {
          share: Math.exp(shares[k]! - total),
          center: part(mean, unknown).map((value, i) => value + shift[i]!),
          precision,
        };
      });
      return conditional(parts);
    },
  };
};

interface Part {
  readonly share: number;
  readonly center: Float64Array;
  readonly precision: Factored;
}

const conditional = (parts: readonly Part[]): ConditionalMixture => ({
  draw: (component, width, normals) => {
    let left = component;
    const chosen = parts.find(({ share }) => (left -= share) < 0) ?? parts.at(-1)!;
    const scale = width < WIDE.share ? WIDE.factor : 1;
    const noise = solveUpper(chosen.precision, normals);
    return chosen.center.map((value, i) => value + scale * noise[i]!);
  },
  logProb: (point) =>
    logSumExp(
      Float64Array.from(
        parts.flatMap(({ share, center, precision }) => {
          const y = timesUpper(
            precision,
            point.map((value, i) => value - center[i]!),
          );
          const squares = dot(y, y);
          const normal = (scale: number): number =>
            -0.5 * (squares / scale ** 2 + point.length * LOG_2_PI) + precision.logDet - point.length * Math.log(scale);
          return [Math.log(share * (1 - WIDE.share)) + normal(1), Math.log(share * WIDE.share) + normal(WIDE.factor)];
        }),
      ),
    ),
});

/**
 * Returns `L^T x`, where `L L^T` is the precision matrix and `x` is the difference of a point from the mean. The result
 * is the point in standard normal coordinates.
 */
const timesUpper = ({ size, factor }: Factored, x: Float64Array): Float64Array =>
  Float64Array.from({ length: size }, (_, i) => {
    let sum = 0;
    for (let j = i; j < size; j++) sum += factor[j * size + i]! * x[j]!;
    return sum;
  });

const componentOf = (
  { dim, covariance, weights, means, factors }: MixtureModel,
  k: number,
  known: readonly number[],
  unknown: readonly number[],
): Component => {
  const precision = precisionOf(factors, covariance, dim, k);
  const own = factored(precision, dim);
  // The columns of the covariance for the known coordinates. The covariance is the inverse of the precision matrix.
  const covarianceColumns = known.map((j) => {
    const unit = new Float64Array(dim);
    unit[j] = 1;
    return solveUpper(own, solveLower(own, unit));
  });
  const block = (rows: readonly number[], columns: readonly number[]): Float64Array =>
    Float64Array.from(rows.flatMap((i) => columns.map((j) => precision[i * dim + j]!)));
  return {
    logWeight: Math.log(weights[k]!),
    mean: means.slice(k * dim, (k + 1) * dim),
    known: factored(
      Float64Array.from(known.flatMap((i) => covarianceColumns.map((column) => column[i]!))),
      known.length,
    ),
    unknown: factored(block(unknown, unknown), unknown.length),
    between: block(unknown, known),
  };
};

/** Returns the precision matrix `A^T A` of a component, `[d, d]`. */
const precisionOf = (
  factors: Float64Array,
  covariance: MixtureModel['covariance'],
  d: number,
  k: number,
): Float64Array => {
  const out = new Float64Array(d * d);
  if (covariance === 'diagonal') {
    for (let i = 0; i < d; i++) out[i * d + i] = factors[k * d + i]! ** 2;
    return out;
  }
  const first = covariance === 'tied' ? 0 : k * d * d;
  for (let i = 0; i < d; i++)
    for (let j = 0; j < d; j++)
      for (let l = Math.max(i, j); l < d; l++)
        out[i * d + j]! += factors[first + l * d + i]! * factors[first + l * d + j]!;
  return out;
};

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

/** Returns `log(sum(exp(values)))`, without overflow, or -Infinity if all values are -Infinity. */
export const logSumExp = (values: ArrayLike<number>): number => {
  let most = -Infinity;
  for (let i = 0; i < values.length; i++) most = Math.max(most, values[i]!);
  if (most === -Infinity) return -Infinity;
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.exp(values[i]! - most);
  return most + Math.log(sum);
};
