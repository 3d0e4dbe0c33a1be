/** Nodes and weights of the central difference of fourth order. The error is `step^4 f^(5) / 30`. */
export const STENCIL: readonly (readonly [node: number, weight: number])[] = [
  [-2, 1 / 12],
  [-1, -2 / 3],
  [1, 2 / 3],
  [2, -1 / 12],
];

/**
 * Returns `f'(0)`, by central differences of fourth order. For float32 values near one and a step of 0.01 the error is
 * about 1e-5.
 */
export const derivative = (f: (shift: number) => number, step: number): number =>
  STENCIL.reduce((total, [node, weight]) => total + weight * f(node * step), 0) / step;

/** Step of the finite differences, for float32 functions whose values are about one. */
const STEP = 0.01;

/** Shifts at which {@link slopes} needs the values of the function. */
export const STEPS: readonly number[] = [-2, -1, 0, 1, 2].map((node) => node * STEP);

/** Derivatives of a function at 0. */
export interface Slopes {
  /** The derivative, by central differences of fourth order. */
  readonly central: number;
  /** Absolute difference of the derivatives from the left and from the right. */
  readonly jump: number;
}

/** Returns the derivatives from the values at {@link STEPS}, or at multiples of another `step`. */
export const slopes = (f: readonly number[], step: number = STEP): Slopes => {
  const [ll, l, at, r, rr] = f as readonly [number, number, number, number, number];
  return {
    central: STENCIL.reduce((total, [node, weight]) => total + weight * f[node + 2]!, 0) / step,
    jump: Math.abs(4 * r - 3 * at - rr + (4 * l - 3 * at - ll)) / (2 * step),
  };
};

/**
 * Returns `log |det|` of a square matrix in float64, by elimination with row exchanges, or `-Infinity` if the matrix is
 * singular.
 */
export const logAbsDet = (matrix: readonly (readonly number[])[]): number =>
  triangular(matrix).reduce((total, row, k) => total + Math.log(Math.abs(row[k]!)), 0);

/** Solves `A x = b` in float64, by elimination with row exchanges. */
export const solveLinear = (a: readonly (readonly number[])[], b: readonly number[]): readonly number[] => {
  const rows = triangular(a.map((row, i) => [...row, b[i]!]));
  const x = b.map(() => 0);
  for (let k = b.length - 1; k >= 0; k--) {
    const known = x.reduce((total, entry, j) => total + (j > k ? rows[k]![j]! * entry : 0), 0);
    x[k] = (rows[k]![b.length]! - known) / rows[k]![k]!;
  }
  return x;
};

/** Eliminates with row exchanges. Columns to the right of the square part are also transformed. */
const triangular = (matrix: readonly (readonly number[])[]): readonly (readonly number[])[] => {
  const rows = matrix.map((row) => [...row]);
  for (let k = 0; k < rows.length; k++) {
    let pivot = k;
    for (let i = k + 1; i < rows.length; i++) if (Math.abs(rows[i]![k]!) > Math.abs(rows[pivot]![k]!)) pivot = i;
    [rows[k], rows[pivot]] = [rows[pivot]!, rows[k]!];
    const top = rows[k]!;
    for (let i = k + 1; i < rows.length; i++) {
      const factor = rows[i]![k]! / top[k]!;
      for (let j = k; j < top.length; j++) rows[i]![j] = rows[i]![j]! - factor * top[j]!;
    }
  }
  return rows;
};
