import { drawNormal, key, normals, sampleNorm, type Contraction } from '@impflow/core';
import { add, concat, div, gather, mul, reshape, sqrt, square, sum, zeros, type Tensor } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { assign, values } from './contraction-measures.ts';

/** Sizes of the checks of a bound. */
interface BoundCheck {
  /** `p` of the norm in which the bound holds. */
  readonly order: number;
  /** Number of pairs of points for each of four distances between the points of a pair. */
  readonly pairs: number;
  /** Number of random points at which the largest singular value is computed. Used if `order` is 2. */
  readonly points: number;
  /** Name of the case, for messages. Default: none. */
  readonly what?: string;
  /** Largest relative excess of a slope over the bound. Default 1e-3. */
  readonly slack?: number;
}

const SLACK = 1e-3;

/** Checks that the Lipschitz bound lies in `(0, 1)` and that all slopes are at most the bound. */
export const expectBound = (g: Contraction, check: BoundCheck): void => {
  expect(g.lipschitz).toBeGreaterThan(0);
  expect(g.lipschitz).toBeLessThan(1);
  expectPairs(g, check);
  if (check.order === 2) expectNotSteep(g, check);
};

/** Number of power iterations of a refresh without a tolerance. Their norms may be two percent too small. */
const ITERATIONS = { iterations: 100 };

/**
 * Checks that a refresh with a tolerance restores the bound after every parameter was moved, and that a refresh with a
 * number of iterations, as in a training step, restores the bound after every parameter was moved again.
 */
export const expectBoundRestored = (g: Contraction, order: number): void => {
  const parameters = Object.values(g.parameters);
  if (parameters.length === 0) return;
  const present = parameters.map((parameter) => values(parameter).slice());
  const move = (factor: number): void => {
    for (const [i, parameter] of parameters.entries()) {
      const draw = normals(key(59 + i), parameter.size);
      assign(
        parameter,
        present[i]!.map((entry, k) => factor * entry + draw[k]!),
      );
    }
  };
  try {
    move(3);
    g.refresh({ tolerance: 1e-5 });
    expectBound(g, { order, pairs: 100, points: 20 });
    move(9);
    g.refresh(ITERATIONS);
    const what = `, after a refresh of ${ITERATIONS.iterations} iterations`;
    expectBound(g, { order, pairs: 20, points: 10, slack: 0.02, what });
  } finally {
    for (const [i, parameter] of parameters.entries()) assign(parameter, present[i]!);
    g.refresh({ tolerance: 1e-5 });
  }
};

/** Number of refreshes after which the bound is checked. A refresh may start from a new random vector. */
const REFRESHES = 3;

/** Checks the bound after each of several refreshes. */
export const expectBoundAfterRefreshes = (g: Contraction, order: number, name: string): void => {
  for (let i = 1; i <= REFRESHES; i++) {
    g.refresh({ tolerance: 1e-5 });
    expectBound(g, { order, pairs: 20, points: 10, what: `, ${name} after refresh ${i}` });
  }
};

/** Compares distances of images with distances of points. */
export const expectPairs = (
  g: Contraction,
  { order, pairs, what = '', slack = SLACK }: Omit<BoundCheck, 'points'>,
): void => {
  const from = mul(drawNormal(key(54), [pairs, ...g.shape]), 2);
  for (const distance of [0.03, 0.3, 3, 30]) {
    const to = add(from, mul(drawNormal(key(55), from.shape), distance));
    const [moved, gone] = [distances(g.apply(from), g.apply(to), order), distances(from, to, order)];
    // 2e-6 allows for the rounding of values near one.
    moved.forEach((length, i) =>
      expect(length, `distance of the images of row ${i}, which moved by ${gone[i]}${what}`).toBeLessThan(
        g.lipschitz * (1 + slack) * gone[i]! + 2e-6,
      ),
    );
  }
};

/** Lengths of the steps uphill from the steepest points. */
const UPHILL = [1, 0.5, 0.5, 0.25, 0.12, 0.06];
/** Number of points from which the steps start. */
const STARTS = 3;

/**
 * Checks the largest singular value of the Jacobian at random points, at points near zero and at zero, and on the way
 * uphill from the steepest of these points.
 */
export const expectNotSteep = (
  g: Contraction,
  { points, what = '', slack = SLACK }: Pick<BoundCheck, 'points' | 'what' | 'slack'>,
): void => {
  const start = concat([
    mul(drawNormal(key(57), [points, ...g.shape]), 2),
    mul(drawNormal(key(59), [4, ...g.shape]), 0.1),
    zeros([1, ...g.shape]),
  ]);
  const checked = (x: Tensor, where: string, from?: Tensor): Steep => {
    const steep = steepest(g, x, from);
    expect(Math.max(...steep.norms), `largest singular value of the Jacobian ${where}${what}`).toBeLessThan(
      g.lipschitz * (1 + slack) + 1e-5,
    );
    return steep;
  };
  const random = checked(start, 'at random points');
  const order = [...random.norms.keys()].toSorted((a, b) => random.norms[b]! - random.norms[a]!).slice(0, STARTS);
  let [x, uphill, direction] = [start, random.uphill, random.direction].map((of) => gather(of, order)) as [
    Tensor,
    Tensor,
    Tensor,
  ];
  for (const length of UPHILL) {
    x = add(x, mul(length, uphill));
    ({ uphill, direction } = checked(x, 'uphill from the steepest of random points', direction));
  }
};

/** Largest singular values at the rows of a batch. */
interface Steep {
  /** Lower bounds of the largest singular values, one for each row. */
  readonly norms: Float32Array;
  /** Unit directions of the largest singular values, `[B, ...event]`. */
  readonly direction: Tensor;
  /** Unit directions in which these singular values grow fastest, `[B, ...event]`. Zero where the gradient is zero. */
  readonly uphill: Tensor;
}

/**
 * Computes largest singular values by power iteration, which finds the steepest direction; random pairs rarely find it.
 * The gradient of a singular value with respect to the point is the gradient of `<w, J t>` for its singular vectors.
 * From the directions `from` of close points, a few iterations are enough.
 */
const steepest = (g: Contraction, x: Tensor, from?: Tensor): Steep => {
  const lin = g.linearize(x);
  const unit = (of: Tensor, shape: readonly number[]): Tensor => {
    const flat = reshape(of, [x.shape[0]!, -1]);
    return reshape(div(flat, add(sqrt(sum(square(flat), 1, true)), 1e-20)), [...shape]);
  };
  const stack = [1, ...x.shape];
  let t = unit(from ?? drawNormal(key(58), x.shape), stack);
  for (let i = 0; i < (from === undefined ? 30 : 6); i++) t = unit(lin.vjp(lin.jvp(t)), stack);
  const image = lin.jvp(t);
  const norms = sampleNorm(reshape(image, x.shape)).dataSync<'float32'>() as Float32Array;
  const pulled = lin.pullback({ pair: { pushed: lin.push(t), cotangents: unit(image, stack) } }).x;
  lin.dispose();
  return { norms, direction: reshape(t, x.shape), uphill: unit(pulled, x.shape) };
};

/** Returns the p-norm of the difference of each row of two batches. */
const distances = (a: Tensor, b: Tensor, p: number): readonly number[] => {
  const [left, right] = [values(a), values(b)];
  const size = a.size / a.shape[0]!;
  return Array.from({ length: a.shape[0]! }, (_, row) => {
    const gaps = Array.from({ length: size }, (_entry, k) => Math.abs(left[row * size + k]! - right[row * size + k]!));
    return p === Infinity ? Math.max(...gaps) : gaps.reduce((total, gap) => total + gap ** p, 0) ** (1 / p);
  });
};
