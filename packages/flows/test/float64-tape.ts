/** A matrix on the host in float64, row-major. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
}

/**
 * A matrix that a computation recorded on a {@link Tape}. After {@link Tape.backward}, the node also contains the
 * derivative of the loss.
 */
export interface Node extends Matrix {
  readonly gradient: Float64Array;
}

/**
 * Reverse-mode differentiation of matrix programs in float64. The operations `plus`, `minus` and `times` broadcast
 * their operands along axes of length 1.
 */
export interface Tape {
  leaf(matrix: Matrix): Node;
  product(a: Node, b: Node): Node;
  transposed(a: Node): Node;
  plus(a: Node, b: Node): Node;
  minus(a: Node, b: Node): Node;
  times(a: Node, b: Node): Node;
  /** An elementwise function, given with its derivative. */
  map(a: Node, f: (x: number) => number, derivative: (x: number) => number): Node;
  /** Row `i` of a matrix, `[1, columns]`. */
  row(a: Node, i: number): Node;
  /** Column `j` of a matrix, `[rows, 1]`. */
  column(a: Node, j: number): Node;
  /** Concatenates columns `[rows, 1]` side by side. */
  beside(columns: readonly Node[]): Node;
  /** The sum of all entries, `[1, 1]`. */
  sum(a: Node): Node;
  /**
   * Computes the derivative of `loss`, a `[1, 1]` matrix, with respect to every node. May be called only once per tape.
   */
  backward(loss: Node): void;
}

export const matrix = (rows: number, columns: number, at: (i: number, j: number) => number): Matrix => ({
  rows,
  columns,
  values: Float64Array.from({ length: rows * columns }, (_, k) => at(Math.floor(k / columns), k % columns)),
});

/** Returns a new tape. Without recording, the tape only computes values. */
export const tape = (recording = true): Tape => {
  const pulls: (() => void)[] = [];
  const node = (
    rows: number,
    columns: number,
    values: Float64Array,
    pull: (gradient: Float64Array) => void = () => {},
  ): Node => {
    const gradient = new Float64Array(values.length);
    if (recording) pulls.push(() => pull(gradient));
    return { rows, columns, values, gradient };
  };

  /** Returns `f(a, b)` entry by entry, with the partial derivatives by which the backward pass multiplies. */
  const entrywise = (
    a: Node,
    b: Node,
    f: (x: number, y: number) => number,
    toA: (x: number, y: number) => number,
    toB: (x: number, y: number) => number,
  ): Node => {
    const [rows, columns] = [Math.max(a.rows, b.rows), Math.max(a.columns, b.columns)];
    const place = (m: Matrix, i: number, j: number): number =>
      (m.rows === 1 ? 0 : i * m.columns) + (m.columns === 1 ? 0 : j);
    const each = (visit: (k: number, p: number, q: number) => void): void => {
      for (let i = 0, k = 0; i < rows; i++)
        for (let j = 0; j < columns; j++, k++) visit(k, place(a, i, j), place(b, i, j));
    };
    const values = new Float64Array(rows * columns);
    each((k, p, q) => {
      values[k] = f(a.values[p]!, b.values[q]!);
    });
    return node(rows, columns, values, (gradient) =>
      each((k, p, q) => {
        const [x, y] = [a.values[p]!, b.values[q]!];
        a.gradient[p]! += gradient[k]! * toA(x, y);
        b.gradient[q]! += gradient[k]! * toB(x, y);
      }),
    );
  };

  const gather = (a: Node, rows: number, columns: number, from: (k: number) => number): Node =>
    node(
      rows,
      columns,
      Float64Array.from({ length: rows * columns }, (_, k) => a.values[from(k)]!),
      (gradient) => {
        for (let k = 0; k < gradient.length; k++) a.gradient[from(k)]! += gradient[k]!;
      },
    );

  const transposed = (a: Node): Node =>
    gather(a, a.columns, a.rows, (k) => (k % a.rows) * a.columns + Math.floor(k / a.rows));

  return {
    leaf: ({ rows, columns, values }) => node(rows, columns, values),
    product: (a, b) =>
      node(a.rows, b.columns, multiplied(a, b).values, (gradient) => {
        const of = { rows: a.rows, columns: b.columns, values: gradient };
        accumulate(a.gradient, multiplied(of, flipped(b)).values);
        accumulate(b.gradient, multiplied(flipped(a), of).values);
      }),
    transposed,
    plus: (a, b) =>
      entrywise(
        a,
        b,
        (x, y) => x + y,
        () => 1,
        () => 1,
      ),
    minus: (a, b) =>
      entrywise(
        a,
        b,
        (x, y) => x - y,
        () => 1,
        () => -1,
      ),
    times: (a, b) =>
      entrywise(
        a,
        b,
        (x, y) => x * y,
        (_, y) => y,
        (x) => x,
      ),
    map: (a, f, derivative) =>
      node(a.rows, a.columns, a.values.map(f), (gradient) =>
        accumulate(
          a.gradient,
          gradient.map((g, k) => g * derivative(a.values[k]!)),
        ),
      ),
    row: (a, i) => gather(a, 1, a.columns, (k) => i * a.columns + k),
    column: (a, j) => gather(a, a.rows, 1, (k) => k * a.columns + j),
    beside: (columns) => {
      const [rows, width] = [columns[0]!.rows, columns.length];
      return node(rows, width, matrix(rows, width, (i, j) => columns[j]!.values[i]!).values, (gradient) => {
        for (let k = 0; k < gradient.length; k++) columns[k % width]!.gradient[Math.floor(k / width)]! += gradient[k]!;
      });
    },
    sum: (a) =>
      node(1, 1, Float64Array.of(a.values.reduce((total, x) => total + x, 0)), (gradient) => {
        for (let k = 0; k < a.gradient.length; k++) a.gradient[k]! += gradient[0]!;
      }),
    backward: (loss) => {
      loss.gradient[0] = 1;
      for (const pull of pulls.toReversed()) pull();
    },
  };
};

const multiplied = (a: Matrix, b: Matrix): Matrix => {
  const values = new Float64Array(a.rows * b.columns);
  for (let i = 0; i < a.rows; i++) {
    for (let k = 0; k < a.columns; k++) {
      const factor = a.values[i * a.columns + k]!;
      for (let j = 0; j < b.columns; j++) values[i * b.columns + j]! += factor * b.values[k * b.columns + j]!;
    }
  }
  return { rows: a.rows, columns: b.columns, values };
};

const flipped = (a: Matrix): Matrix => matrix(a.columns, a.rows, (i, j) => a.values[j * a.columns + i]!);

const accumulate = (into: Float64Array, more: Float64Array): void => {
  for (let k = 0; k < into.length; k++) into[k]! += more[k]!;
};
