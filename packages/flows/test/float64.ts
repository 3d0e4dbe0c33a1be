import { matrix, tape, type Matrix, type Node, type Tape } from './float64-tape.ts';

/**
 * A flow of implicit blocks in the plane, in float64 on the host, from the formulas of the paper. Tests compare the
 * float32 flow with this float64 flow, which uses no code of the packages. Plain fixed-point iteration finds the roots.
 * The tape records the multiplication of the rows of the Jacobian from the output back to the input. Therefore the
 * log-determinant is differentiated like any other expression. The gradient of a root comes from one Newton step with a
 * constant inverse. The derivative of this step at the root is the derivative that the implicit function theorem gives.
 */
export interface Float64Flow {
  readonly blocks: number;
  readonly coeff: number;
  /**
   * Tensors by name, such as `blocks.<i>.<gx|gz>.layers.<0|2|4>.<weight|bias|u|v>`. A vector is a matrix with one row.
   */
  readonly tensors: Readonly<Record<string, Matrix>>;
}

export interface Float64Loss {
  /** Mean of `-log p`, in nats. */
  readonly value: number;
  /** Gradients, under the same names as {@link Float64Flow.tensors}. */
  readonly gradients: Readonly<Record<string, Float64Array>>;
}

/**
 * Returns the mean negative log-density of `x` `[B, 2]`, and its gradient with respect to every weight and bias. If the
 * gradient is not requested, it is zero.
 */
export const negativeLogLikelihood = (flow: Float64Flow, x: Matrix, differentiate = true): Float64Loss => {
  const t = tape(differentiate);
  const leaves = Object.fromEntries(Object.entries(flow.tensors).map(([name, value]) => [name, t.leaf(value)]));
  let z = t.leaf(x);
  let logDensity = t.leaf(matrix(x.rows, 1, () => -Math.log(2 * Math.PI)));
  for (let i = 0; i < flow.blocks; i++) {
    const gx = net(t, leaves, `blocks.${i}.gx`, flow.coeff);
    const gz = net(t, leaves, `blocks.${i}.gz`, flow.coeff);
    const { value, rows } = gx(z, true);
    // The fixed-point iteration runs on a tape that records nothing.
    const next = root(t, gz, net(tape(false), leaves, `blocks.${i}.gz`, flow.coeff), t.plus(z, value));
    logDensity = t.plus(logDensity, t.minus(logDeterminant(t, rows), logDeterminant(t, gz(next, true).rows)));
    z = next;
  }
  for (const j of [0, 1])
    logDensity = t.minus(
      logDensity,
      t.map(
        t.column(z, j),
        (a) => (a * a) / 2,
        (a) => a,
      ),
    );
  const loss = t.map(
    t.sum(logDensity),
    (total) => -total / x.rows,
    () => -1 / x.rows,
  );
  t.backward(loss);
  return {
    value: loss.values[0]!,
    gradients: Object.fromEntries(Object.entries(leaves).map(([name, { gradient }]) => [name, gradient])),
  };
};

interface Evaluated {
  /** Value of the net, `g(x)`, `[B, 2]`. */
  readonly value: Node;
  /**
   * Gradient of each output for each sample: `rows[i]` `[B, 2]` is the gradient of output `i`. Empty if gradients are
   * not requested.
   */
  readonly rows: readonly Node[];
}
type Net = (x: Node, withJacobian: boolean) => Evaluated;

const net = (t: Tape, leaves: Readonly<Record<string, Node>>, path: string, coeff: number): Net => {
  const dense = [0, 2, 4].map((layer) => {
    const at = (name: string): Node => leaves[`${path}.layers.${layer}.${name}`]!;
    return { weight: capped(t, at('weight'), at('u'), at('v'), coeff), bias: at('bias') };
  });
  const transposes = dense.map(({ weight }) => t.transposed(weight));
  return (x, withJacobian) => {
    const preactivations: Node[] = [];
    let y = x;
    for (const [i, { bias }] of dense.entries()) {
      y = t.plus(t.product(y, transposes[i]!), bias);
      if (i < 2) {
        preactivations.push(y);
        y = t.map(
          y,
          (a) => Math.sin(2 * Math.PI * a) / (2 * Math.PI),
          (a) => Math.cos(2 * Math.PI * a),
        );
      }
    }
    const slopes = withJacobian
      ? preactivations.map((a) =>
          t.map(
            a,
            (p) => Math.cos(2 * Math.PI * p),
            (p) => -2 * Math.PI * Math.sin(2 * Math.PI * p),
          ),
        )
      : [];
    const rows = withJacobian
      ? [0, 1].map((i) =>
          slopes.reduceRight(
            (row, slope, k) => t.product(t.times(slope, row), dense[k]!.weight),
            t.row(dense[2]!.weight, i),
          ),
        )
      : [];
    return { value: y, rows };
  };
};

/** Returns `W / max(1, u^T W v / c)`, with `u` and `v` constant. */
const capped = (t: Tape, weight: Node, u: Node, v: Node, coeff: number): Node => {
  const outer = t.leaf(matrix(weight.rows, weight.columns, (i, j) => u.values[i]! * v.values[j]!));
  const shrink = t.map(
    t.sum(t.times(weight, outer)),
    (sigma) => (sigma > coeff ? coeff / sigma : 1),
    (sigma) => (sigma > coeff ? -coeff / sigma ** 2 : 0),
  );
  return t.times(weight, shrink);
};

/** Returns `log ((1 + J11) (1 + J22) - J12 J21)`, `[B, 1]`. */
const logDeterminant = (t: Tape, [first, second]: readonly Node[]): Node => {
  const one = t.leaf(matrix(1, 1, () => 1));
  const entry = (row: Node | undefined, j: number): Node => t.column(row!, j);
  const diagonal = t.times(t.plus(one, entry(first, 0)), t.plus(one, entry(second, 1)));
  return t.map(t.minus(diagonal, t.times(entry(first, 1), entry(second, 0))), Math.log, (a) => 1 / a);
};

/**
 * Returns the root of `z + g(z) = h`. Fixed-point iteration with `offTape`, the net without a tape, finds `z`. Then one
 * Newton step `z - (I + J)^-1 (z + g(z) - h)` runs on the tape, with `z` and the inverse constant.
 */
const root = (t: Tape, g: Net, offTape: Net, h: Node): Node => {
  let values = h.values;
  for (let change = Infinity, i = 0; change > 1e-14; i++) {
    // Do not require more than 14 digits: rounding can prevent convergence beyond 14 digits.
    if (i > 5000) throw new Error(`The fixed-point iteration still moves by ${change}.`);
    const image = offTape({ ...h, values }, false).value.values;
    const next = h.values.map((rhs, k) => rhs - image[k]!);
    change = next.reduce((most, y, k) => Math.max(most, Math.abs(y - values[k]!) / (1 + Math.abs(y))), 0);
    values = next;
  }
  const z = t.leaf({ rows: h.rows, columns: 2, values });
  const {
    value,
    rows: [first, second],
  } = g(z, true);
  const residual = t.minus(t.plus(z, value), h);
  const jacobian = (i: number): readonly [number, number, number, number] => [
    1 + first!.values[2 * i]!,
    first!.values[2 * i + 1]!,
    second!.values[2 * i]!,
    1 + second!.values[2 * i + 1]!,
  ];
  const inverse = (pick: (a: number, b: number, c: number, d: number) => number): Node =>
    t.leaf(
      matrix(h.rows, 1, (i) => {
        const [a, b, c, d] = jacobian(i);
        return pick(a, b, c, d) / (a * d - b * c);
      }),
    );
  const [r0, r1] = [t.column(residual, 0), t.column(residual, 1)];
  return t.minus(
    z,
    t.beside([
      t.plus(
        t.times(
          inverse((_a, _b, _c, d) => d),
          r0,
        ),
        t.times(
          inverse((_a, b) => -b),
          r1,
        ),
      ),
      t.plus(
        t.times(
          inverse((_a, _b, c) => -c),
          r0,
        ),
        t.times(
          inverse((a) => a),
          r1,
        ),
      ),
    ]),
  );
};
