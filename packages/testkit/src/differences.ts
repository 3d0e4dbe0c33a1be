/** Nodes and weights of the central difference with error `step^4 f^(5) / 30`. */
export const STENCIL: readonly (readonly [node: number, weight: number])[] = [[-2, 1 / 12], [-1, -2 / 3], [1, 2 / 3], [2, -1 / 12]];

/** `f'(0)` by central differences of fourth order: with float32 values of size one, a step of 0.01 leaves an error near 1e-5. */
export const derivative = (f: (shift: number) => number, step: number): number =>
  STENCIL.reduce((total, [node, weight]) => total + weight * f(node * step), 0) / step;

/** `log |det|` of a square matrix in float64, by elimination with row exchanges; `-Infinity` where it is singular. */
export const logAbsDet = (matrix: readonly (readonly number[])[]): number => {
  const rows = matrix.map((row) => [...row]);
  let total = 0;
  for (let k = 0; k < rows.length; k++) {
    let pivot = k;
    for (let i = k + 1; i < rows.length; i++) if (Math.abs(rows[i]![k]!) > Math.abs(rows[pivot]![k]!)) pivot = i;
    [rows[k], rows[pivot]] = [rows[pivot]!, rows[k]!];
    const top = rows[k]!;
    total += Math.log(Math.abs(top[k]!));
    for (let i = k + 1; i < rows.length; i++) {
      const factor = rows[i]![k]! / top[k]!;
      for (let j = k; j < rows.length; j++) rows[i]![j] = rows[i]![j]! - factor * top[j]!;
    }
  }
  return total;
};
