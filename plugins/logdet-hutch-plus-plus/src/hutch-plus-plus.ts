import {
  FlowError,
  fold,
  drawNormal,
  drawRademacher,
  reshaped,
  scoped,
  sizeOf,
  shown,
  type Key,
  type Linearization,
  type LogDetEstimator,
} from '@impflow/core';
import { geometric, poisson, rouletteCoefficients, seriesEstimate, type Distribution } from '@impflow/logdet';
import { concat, mul, stack, type Tensor } from '@tensorflow/tfjs-core';
import { orthonormal, without } from './orthonormal.ts';

/** Options of {@link hutchPlusPlus}. */
export interface HutchPlusPlusOptions {
  /**
   * Number of directions on which the trace is exact, at least 1. The number is limited to the dimension. Default 4.
   */
  readonly sketch?: number;
  /** Number of random directions in the space orthogonal to the sketch, at least 1. Default 4. */
  readonly probes?: number;
  /**
   * Number of terms after which the series is truncated. The estimate then has the bias `truncated`. Default: Russian
   * roulette.
   */
  readonly terms?: number;
  /** Number of terms at the start of the series that are always computed. Default 2. */
  readonly exactTerms?: number;
  /** Distribution of the number of random terms. Default `geometric`. */
  readonly distribution?: Distribution | 'geometric' | 'poisson';
}

/**
 * Estimates `log det(I + J)` by its power series `tr f(J)`, with the probes of Hutch++ instead of independent random
 * probes. The columns of `Q` are an orthonormal basis of the span of the columns of `J S`, where `S` is a Gaussian
 * matrix. With `P = I - Q Q^T`, `tr f(J) = tr Q^T f(J) Q + tr P f(J) P`. The columns of `Q` give the first trace,
 * `tr Q^T f(J) Q`, without noise. Projected vectors of random signs, `P r`, estimate the second trace. The noise is
 * small if `J` is close to a matrix of low rank.
 *
 * The paper computes the sketch `f(J) S`, with the matrix whose trace is estimated. `hutchPlusPlus` computes `J S`
 * instead of `f(J) S`: the range of `f(J)` lies in the range of `J`, and `J S` costs one product.
 *
 * @remarks Value and gradient are unbiased for every `Q`. Value and gradient treat `Q` as constant. An estimate costs
 * `sketch` products with `J`, plus the cost of `russianRoulette` with `sketch + probes` probes. If `sketch` reaches the
 * rank of `J`, the probes add no noise to the value. Each call draws one number of terms for the whole batch.
 * @throws `option` for options out of range, or for `exactTerms` or `distribution` together with `terms`.
 * @see Meyer, Musco, Musco, Woodruff, Hutch++: Optimal Stochastic Trace Estimation, 2021 (arXiv:2010.09649), algorithm
 * 1.
 */
export const hutchPlusPlus = ({
  sketch = 4,
  probes = 4,
  terms,
  exactTerms,
  distribution,
}: HutchPlusPlusOptions = {}): LogDetEstimator => {
  assertCount('sketch', sketch, 1);
  assertCount('probes', probes, 1);
  const coefficients =
    terms === undefined ? roulette(exactTerms, distribution) : truncated(terms, { exactTerms, distribution });
  return Object.freeze<LogDetEstimator>({
    name: 'hutch++',
    bias: terms === undefined ? 'unbiased' : 'truncated',
    estimate: (g, key) =>
      scoped(() => seriesEstimate(g, hutchProbes(g, key, sketch, probes), coefficients(fold(key, 0)))),
  });
};

/**
 * Returns the directions `v`, `[sketch + probes, B, ...event]`. The mean of `v v^T` over all directions `v` is `Q Q^T`
 * plus a random matrix whose expectation is `P`.
 */
const hutchProbes = (linearization: Linearization, key: Key, sketch: number, probes: number): Tensor => {
  const { shape } = linearization.value;
  const [batch, dim] = [shape[0]!, sizeOf(shape.slice(1))];
  const drawn = (draw: typeof drawNormal, of: Key, count: number): Tensor =>
    stack(Array.from({ length: count }, (_, i) => draw(fold(of, i), shape)));
  const flat = (v: Tensor): Tensor => reshaped(v, [v.shape[0]!, batch, dim]);
  // The sketch uses Gaussian vectors: in few dimensions two vectors of random signs would often be parallel.
  const basis = orthonormal(flat(linearization.jvp(drawn(drawNormal, fold(key, 1), Math.min(sketch, dim)))));
  const rest = without(basis, flat(drawn(drawRademacher, fold(key, 2), probes)));
  // The series averages over all directions. The factors below give weight 1 to a basis vector and weight 1 / probes to
  // a probe.
  const count = basis.shape[0]! + probes;
  return reshaped(concat([mul(basis, Math.sqrt(count)), mul(rest, Math.sqrt(count / probes))]), [count, ...shape]);
};

type Coefficients = (key: Key) => readonly number[];

const roulette = (exactTerms = 2, distribution: HutchPlusPlusOptions['distribution'] = 'geometric'): Coefficients => {
  assertCount('exactTerms', exactTerms, 0);
  const numbers = typeof distribution === 'object' ? distribution : named(distribution);
  return (key) => rouletteCoefficients(numbers, exactTerms, numbers.sample(key));
};

const named = (distribution: string): Distribution => {
  if (distribution === 'geometric') return geometric();
  if (distribution === 'poisson') return poisson();
  throw new FlowError('option', AT, 'Unknown distribution', {
    expected: 'a distribution or one of geometric, poisson',
    got: `"${String(distribution)}"`,
  });
};

const truncated = (terms: number, rouletteOnly: Readonly<Record<string, unknown>>): Coefficients => {
  assertCount('terms', terms, 1);
  for (const [name, value] of Object.entries(rouletteOnly)) {
    if (value === undefined) continue;
    throw new FlowError('option', AT, `The option ${name} does not apply`, {
      expected: 'no terms',
      got: `terms ${terms}`,
      hint: `Leave ${name} out.`,
    });
  }
  const ones = Array.from({ length: terms }, () => 1);
  return () => ones;
};

const AT = 'logdet-hutch-plus-plus/hutchPlusPlus';

const assertCount = (name: string, value: number, least: number): void => {
  if (Number.isInteger(value) && value >= least) return;
  throw new FlowError('option', AT, `Wrong ${name}`, {
    expected: `an integer of at least ${least}`,
    got: shown(value),
  });
};
