import {
  defineLinearization,
  drawNormal,
  kept,
  key,
  normals,
  sizeOf,
  type DifferentiableMap,
  type Shape,
  type TensorMap,
} from '@impflow/core';
import { linearizeByTape } from '@impflow/solvers';
import { add, cos, log, matMul, mul, reshape, sin, sub, tensor2d, type Tensor } from '@tensorflow/tfjs-core';

/** Adds a linearization by the tape to a map, so that every solver can use it. */
export const differentiable = (f: TensorMap): DifferentiableMap =>
  Object.assign(f, { linearize: (x: Tensor) => linearizeByTape(f, x) });

/**
 * Returns the map `y -> slope sin(Q y + b)` with an orthogonal matrix `Q`: a contraction that mixes the coordinates.
 */
export const swirl = (event: Shape, slope: number): DifferentiableMap => {
  const d = sizeOf(event);
  const q = tensor2d(orthogonal(d));
  const b = drawNormal(key(2), [1, d]);
  return differentiable((y) => reshape(mul(slope, sin(add(matMul(reshape(y, [-1, d]), q), b))), y.shape));
};

/**
 * The map `y -> 60 + 90 sin(y / 10)` for `y` below 100, and NaN above. The map is steep, has many solutions, and some
 * of its values are above 100.
 */
export const cliff: DifferentiableMap = differentiable((y) =>
  add(add(60, mul(90, sin(mul(0.1, y)))), mul(0, log(sub(100, y)))),
);

/**
 * The map `y -> y + 1 + sin(y) / 2`. The map has no fixed point, and its residuals are in `[1/2, 3/2]`, so that every
 * method uses all its steps.
 */
export const endless: DifferentiableMap = differentiable((y) => add(y, add(1, mul(0.5, sin(y)))));

/**
 * Returns the map `f(y) = cos(y) / 2`, or `y - f(y)` if the map is for a root solver, with its derivative by formula. A
 * step takes little time.
 */
export const cheap = (root: boolean): DifferentiableMap => {
  const f: TensorMap = (y) => (root ? sub(y, mul(0.5, cos(y))) : mul(0.5, cos(y)));
  return Object.assign(f, {
    linearize: (x: Tensor) => {
      const at = kept(() => ({ value: f(x), slope: root ? add(1, mul(0.5, sin(x))) : mul(-0.5, sin(x)) }));
      const product = (t: Tensor): Tensor => mul(t, at.slope);
      return defineLinearization({
        value: at.value,
        tracked: false,
        owned: [at.slope],
        push: (t) => ({ images: product(t), entering: [] }),
        jvp: product,
        vjp: product,
        pullback: () => {
          throw new Error('not tracked');
        },
      });
    },
  });
};

/** Returns a random orthogonal matrix, by Gram-Schmidt. */
const orthogonal = (d: number): number[][] => {
  const draw = normals(key(1), d * d);
  const basis: number[][] = [];
  for (let i = 0; i < d; i++) {
    let row = [...draw.subarray(i * d, (i + 1) * d)];
    for (const other of basis) {
      const along = row.reduce((total, x, k) => total + x * other[k]!, 0);
      row = row.map((x, k) => x - along * other[k]!);
    }
    const norm = Math.hypot(...row);
    basis.push(row.map((x) => x / norm));
  }
  return basis;
};
