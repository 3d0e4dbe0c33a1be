import { capabilities, FlowError, offTape, scoped, sizeOf, type Contraction, type SolveStats } from '@impflow/core';
import { gather, tensor1d, type Tensor } from '@tensorflow/tfjs-core';
import type { BlockMethods } from './block-options.ts';

/** Number of samples of a solve that are checked. They are evenly spaced, so the choice is the same in every run. */
const CHECKED = 32;
/** A solver may measure its residual in another norm, so the limit is larger than the tolerance by this factor. */
const MARGIN = 10;
/**
 * Error of float32, relative to the norms of the equation: about a thousand roundings. The limit grows with the sample,
 * because the right-hand side `h` of a sample far from all others is rounded more coarsely than the tolerance.
 */
const ROUNDING = 2 ** -13;

/** The solved equation `z + g(z) = h`. */
interface SolvedEquation {
  /** The root that the solver returned, `[B, ...event]`. */
  readonly z: Tensor;
  /** Right-hand side, `[B, ...event]`. */
  readonly h: Tensor;
  /** Condition of the net, `[B, m]`, or `[1, m]` if all samples share it. */
  readonly condition: Tensor | undefined;
  /** Statistics of the solve. */
  readonly stats: SolveStats;
}

/**
 * Checks that a solver has solved the equations that it reports as solved: maps the root `z` of up to 32 samples back
 * to `z + g(z)`, and compares the result with `h`. A plugin that reports a wrong residual is found here. Does nothing on
 * a backend without synchronous reads.
 *
 * @remarks Costs one evaluation of the net for the checked samples.
 * @throws `plugin` if the difference is above ten times the tolerance plus the rounding error of float32.
 */
export const assertRoot = (
  net: Contraction,
  { z, h, condition, stats }: SolvedEquation,
  { atol = 1e-6, rtol = 1e-6 }: BlockMethods['tolerance'],
): void => {
  const samples = z.shape[0]!;
  if (samples === 0 || !capabilities().syncRead) return;
  const count = Math.min(samples, CHECKED);
  const chosen = Int32Array.from({ length: count }, (_, i) => Math.floor((i * samples) / count));
  const [root, image, side, given] = offTape(() =>
    scoped(() => {
      const some = (x: Tensor): Tensor => (x.shape[0] === count ? x.clone() : gather(x, tensor1d(chosen, 'int32')));
      const [point, own] = [
        some(z),
        condition && (condition.shape[0] === samples ? some(condition) : condition.clone()),
      ];
      return [point, net.apply(point, own), some(h), ...(own === undefined ? [] : [own])] as const;
    }),
  ).map((tensor) => {
    const numbers = tensor.dataSync() as Float32Array;
    tensor.dispose();
    return numbers;
  });
  const size = sizeOf(z.shape.slice(1));
  chosen.forEach((sample, i) => {
    if (stats.converged[sample] !== 1) return;
    const own = (numbers: Float32Array): Float32Array => numbers.subarray(i * size, (i + 1) * size);
    const [at, g, to] = [own(root!), own(image!), own(side!)];
    const width = condition?.shape[1] ?? 0;
    const first = given?.length === width ? 0 : i * width;
    const error = norm(at.length, (k) => at[k]! + g[k]! - to[k]!);
    const length = norm(size, (k) => at[k]!);
    const magnitude = length + norm(size, (k) => to[k]!) + norm(width, (k) => given![first + k]!);
    const limit = MARGIN * (atol + rtol * length) + ROUNDING * magnitude;
    // With a root of NaN the comparison is false, so the root counts as wrong.
    if (error <= limit) return;
    throw new FlowError(
      'plugin',
      'flows/root',
      `The solver "${stats.solver}" reports an equation as solved that is not`,
      {
        expected: `a round-trip error |z + g(z) - h| of at most ${limit.toPrecision(2)} in sample ${sample}`,
        got: error.toPrecision(2),
        hint: 'Use another solver, or correct the residual that this solver returns.',
      },
    );
  });
};

/** Euclidean norm of `count` numbers, in float64. */
const norm = (count: number, at: (k: number) => number): number => {
  let sum = 0;
  for (let k = 0; k < count; k++) sum += at(k) ** 2;
  return Math.sqrt(sum);
};
