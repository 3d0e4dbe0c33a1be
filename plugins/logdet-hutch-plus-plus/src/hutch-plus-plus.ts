import { FlowError, fold, normal, rademacher, reshaped, scoped, sizeOf, type Key, type Linearization, type LogDetEstimator } from '@impflow/core';
import { geometric, poisson, rouletteCoefficients, seriesEstimate, type Distribution } from '@impflow/logdet';
import { concat, mul, stack, type Tensor } from '@tensorflow/tfjs-core';
import { orthonormal, without } from './orthonormal.ts';

export interface HutchPlusPlusOptions {
  /** Directions on which the trace is exact. Default 4; more than the dimension are not used. */
  readonly sketch?: number;
  /** Random directions in the rest of the space. Default 4. */
  readonly probes?: number;
  /** Cut the series off after so many terms: `truncated`, no longer unbiased. Default: Russian roulette. */
  readonly terms?: number;
  /** Of the roulette: terms that are always computed. Default 2. */
  readonly exactTerms?: number;
  /** Of the roulette: of the number of random terms. Default `geometric`. */
  readonly distribution?: Distribution | 'geometric' | 'poisson';
}

/**
 * The power series of `log det(I + J)` with the probes of Hutch++ in place of random ones. With `Q` an orthonormal basis of the span of `J S`, `S` Gaussian, and
 * `P = I - Q Q^T`: `tr f(J) = tr Q^T f(J) Q + tr P f(J) P`, the first by the columns of `Q`, without noise, the second by random signs `P r`. What is left to chance is
 * small where few directions carry most of `J`. (The paper sketches the matrix whose trace is wanted; what `f(J)` can reach, `J` reaches for one product.)
 *
 * @remarks Value and gradient are unbiased given `Q`, which is constant to both. Cost: `sketch` products with `J`, then as `russianRoulette` with `sketch + probes`
 * probes. Where `sketch` reaches the rank of `J`, the probes leave no noise in the value. One number of terms per call, shared by the batch.
 * @throws `option` for options out of range, or `exactTerms` and `distribution` beside `terms`.
 * @see Meyer, Musco, Musco, Woodruff, Hutch++: Optimal Stochastic Trace Estimation, 2021 (arXiv:2010.09649), algorithm 1.
 */
export const hutchPlusPlus = ({ sketch = 4, probes = 4, terms, exactTerms, distribution }: HutchPlusPlusOptions = {}): LogDetEstimator => {
  assertCount('sketch', sketch, 1);
  assertCount('probes', probes, 1);
  const coefficients = terms === undefined ? roulette(exactTerms, distribution) : truncated(terms, { exactTerms, distribution });
  return Object.freeze<LogDetEstimator>({
    name: 'hutch++',
    bias: terms === undefined ? 'unbiased' : 'truncated',
    estimate: (g, key) => scoped(() => seriesEstimate(g, hutchProbes(g, key, sketch, probes), coefficients(fold(key, 0)))),
  });
};

/** Directions `v`, `[sketch + probes, B, ...event]`, whose mean of `v v^T` is `Q Q^T` and, on average, `P` beside it. */
const hutchProbes = (linearization: Linearization, key: Key, sketch: number, probes: number): Tensor => {
  const { shape } = linearization.value;
  const [batch, dim] = [shape[0]!, sizeOf(shape.slice(1))];
  const drawn = (draw: typeof normal, of: Key, count: number): Tensor => stack(Array.from({ length: count }, (_, i) => draw(fold(of, i), shape)));
  const flat = (v: Tensor): Tensor => reshaped(v, [v.shape[0]!, batch, dim]);
  // In few dimensions random signs would often be the same twice.
  const basis = orthonormal(flat(linearization.jvp(drawn(normal, fold(key, 1), Math.min(sketch, dim)))));
  const rest = without(basis, flat(drawn(rademacher, fold(key, 2), probes)));
  // The series is averaged over all of them: a basis vector counts once, a probe one part in `probes`.
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
  throw new FlowError('option', AT, 'Unknown distribution', { expected: 'a distribution or one of geometric, poisson', got: `"${String(distribution)}"` });
};

const truncated = (terms: number, rouletteOnly: Readonly<Record<string, unknown>>): Coefficients => {
  assertCount('terms', terms, 1);
  for (const [name, value] of Object.entries(rouletteOnly)) {
    if (value !== undefined) throw new FlowError('option', AT, `The option ${name} does not apply`, { expected: 'it without terms', got: `terms ${terms}`, hint: `Leave ${name} out.` });
  }
  const ones = Array.from({ length: terms }, () => 1);
  return () => ones;
};

const AT = 'logdet-hutch-plus-plus/hutchPlusPlus';

const assertCount = (name: string, value: number, least: number): void => {
  if (Number.isInteger(value) && value >= least) return;
  throw new FlowError('option', AT, `Wrong ${name}`, { expected: `an integer of at least ${least}`, got: String(value) });
};
