import { key, normals, offTape, scoped, sizeOf, type Linearization, type Shape } from '@impflow/core';
import { matMul, reshape, tensor, tensor3d, transpose, zeros, type Tensor } from '@tensorflow/tfjs-core';

// Matrices and vectors in float64, independent of the tested code.
export type Vector = readonly number[];
export type Matrix = readonly Vector[];

export const dot = (a: Vector, b: Vector): number => a.reduce((total, x, i) => total + x * b[i]!, 0);
export const norm = (a: Vector): number => Math.sqrt(dot(a, a));
export const plus = (a: Vector, b: Vector, factor: number): number[] => a.map((x, i) => x + factor * b[i]!);
export const times = (m: Matrix, v: Vector): number[] => m.map((row) => dot(row, v));
export const transposed = (m: Matrix): number[][] => m[0]!.map((_, j) => m.map((row) => row[j]!));
export const draw = (rows: number, columns: number, seed: number): number[][] => {
  const numbers = normals(key(seed), rows * columns);
  return Array.from({ length: rows }, (_, i) => [...numbers.subarray(i * columns, (i + 1) * columns)]);
};

/** Makes the vectors orthonormal by Gram-Schmidt. Vectors that depend linearly on earlier vectors are left out. */
export const orthonormal = (vectors: Matrix): number[][] => {
  const basis: number[][] = [];
  for (const vector of vectors) {
    let rest = [...vector];
    for (let pass = 0; pass < 2; pass++) for (const b of basis) rest = plus(rest, b, -dot(rest, b));
    if (norm(rest) > 1e-10 * norm(vector)) basis.push(rest.map((x) => x / norm(rest)));
  }
  return basis;
};
export const orthogonal = (d: number, seed: number): number[][] => orthonormal(draw(d, d, seed));

/**
 * Returns `I + slope Q D R` with orthogonal `Q` and `R`, and singular values `D` spread over `(0, 1]`. The matrix is
 * not normal.
 */
export const notNormal = (d: number, slope: number, seed: number): number[][] => {
  const [q, r] = [orthogonal(d, seed), transposed(orthogonal(d, seed + 1))];
  return q.map((row, i) =>
    r.map(
      (column, j) => (i === j ? 1 : 0) + slope * row.reduce((total, x, k) => total + (x * column[k]! * (k + 1)) / d, 0),
    ),
  );
};

/** Returns `I + Q E Q^T` with the eigenvalues `E` and a random orthogonal `Q`. */
export const symmetric = (eigenvalues: Vector, seed: number): number[][] => {
  const q = transposed(orthogonal(eigenvalues.length, seed));
  return q.map((row, i) =>
    q.map((other, j) => (i === j ? 1 : 0) + row.reduce((total, x, k) => total + x * eigenvalues[k]! * other[k]!, 0)),
  );
};

/** Returns `r` minus the closest linear combination of `A r, ..., A^k r`: the residual of GMRES after `k` products. */
export const leastResidual = (a: Matrix, r: Vector, k: number): number[] => {
  const krylov = [r];
  while (krylov.length < k) krylov.splice(0, krylov.length, ...orthonormal([...krylov, times(a, krylov.at(-1)!)]));
  return orthonormal(krylov.map((v) => times(a, v))).reduce<number[]>(
    (rest, w) => plus(rest, w, -dot(rest, w)),
    [...r],
  );
};

/**
 * Returns a linearization whose matrix `I + J` for sample `i` is `matrices[i]`. `onProduct` receives the shape of the
 * argument of each product.
 */
export const linearizationOf = (
  matrices: readonly Matrix[],
  event: Shape,
  onProduct: (shape: Shape) => void = () => {},
): Linearization => {
  const [batch, d] = [matrices.length, sizeOf(event)];
  const jacobian = tensor3d(matrices.map((m) => m.map((row, i) => row.map((entry, k) => entry - (i === k ? 1 : 0)))));
  const value = zeros([batch, ...event]);
  const product =
    (isTransposed: boolean) =>
    (stack: Tensor): Tensor => {
      onProduct(stack.shape);
      return offTape(() =>
        scoped(() =>
          reshape(
            transpose(matMul(jacobian, transpose(reshape(stack, [-1, batch, d]), [1, 2, 0]), isTransposed), [2, 0, 1]),
            stack.shape,
          ),
        ),
      );
    };
  return {
    value,
    jvp: product(false),
    vjp: product(true),
    jacobian: () => jacobian,
    dispose: () => {
      value.dispose();
      jacobian.dispose();
    },
  };
};

export const rowsOf = (x: Tensor): number[][] => {
  const [numbers, d] = [[...x.dataSync()], x.size / x.shape[0]!];
  return Array.from({ length: x.shape[0]! }, (_, i) => numbers.slice(i * d, (i + 1) * d));
};
export const stackOf = (rows: Matrix, event: Shape): Tensor => tensor(rows.flat(), [rows.length, ...event]);

/** Returns `|rhs - A^T u| / |rhs|`. */
export const trueResidual = (a: Matrix, u: Vector, rhs: Vector): number =>
  norm(plus(rhs, times(transposed(a), u), -1)) / norm(rhs);
