/** Matrices and vectors in float64, for `program.ts`. */
export type Vector = readonly number[];
export type Matrix = readonly Vector[];

export const dot = (a: Vector, b: Vector): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
export const apply = (A: Matrix, x: Vector): Vector => A.map((row) => dot(row, x));
export const transposed = (A: Matrix): Matrix => A[0]!.map((_, j) => A.map((row) => row[j]!));
export const product = (A: Matrix, B: Matrix): Matrix => {
  const columns = transposed(B);
  return A.map((row) => columns.map((column) => dot(row, column)));
};
export const combined = (A: Matrix, B: Matrix, f: (a: number, b: number) => number): Matrix =>
  A.map((row, i) => row.map((a, j) => f(a, B[i]![j]!)));
export const identity = (n: number): Matrix =>
  Array.from({ length: n }, (_, i) => Array.from({ length: n }, (__, j) => +(i === j)));
export const scaledRows = (A: Matrix, by: Vector): Matrix => A.map((row, i) => row.map((a) => a * by[i]!));
export const scaledColumns = (A: Matrix, by: Vector): Matrix => A.map((row) => row.map((a, j) => a * by[j]!));
export const sum = (x: Vector): number => x.reduce((all, each) => all + each, 0);

/** Solves `A X = B` with pivots. Returns `X` and `log |det A|`. */
export const solved = (A: Matrix, B: Matrix): { readonly X: Matrix; readonly logDet: number } => {
  const rows = A.map((row, i) => [...row, ...B[i]!]);
  const n = A.length;
  let logDet = 0;
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(rows[i]![k]!) > Math.abs(rows[pivot]![k]!)) pivot = i;
    [rows[k], rows[pivot]] = [rows[pivot]!, rows[k]!];
    logDet += Math.log(Math.abs(rows[k]![k]!));
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const factor = rows[i]![k]! / rows[k]![k]!;
      for (let j = k; j < rows[i]!.length; j++) rows[i]![j]! -= factor * rows[k]![j]!;
    }
  }
  return { X: rows.map((row, i) => row.slice(n).map((x) => x / row[i]!)), logDet };
};

export const logSumExp = (x: Vector): number => {
  const most = Math.max(...x);
  return most + Math.log(sum(x.map((each) => Math.exp(each - most))));
};
