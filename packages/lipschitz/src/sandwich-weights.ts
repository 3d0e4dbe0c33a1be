import { eliminate, identity, kernel } from '@impflow/core';
import {
  add,
  exp,
  expandDims,
  matMul,
  mul,
  neg,
  reshape,
  squeeze,
  sub,
  sum,
  transpose,
  type Tensor,
  type Variable,
} from '@tensorflow/tfjs-core';

/** The trained parameters of one layer of a sandwich net, from `m` to `n` units. */
export interface SandwichPart {
  /** The parameter `G [n, m]`. */
  readonly weight: Variable;
  /** The parameter `Y [n, n]`. Only the skew-symmetric part `Y - Y^T` is used. */
  readonly skew: Variable;
  /** Logarithms of the diagonal of `Psi`, `[n]`. The last layer has no scale. */
  readonly scale?: Variable;
}

/** The explicit weights of a sandwich net, and the matrices that their gradient needs. */
interface SandwichWeights {
  /** The explicit weight of each layer, `[n, m]`. */
  readonly weights: readonly Tensor[];
  /** The matrix `N = (I + Y - Y^T + G G^T)^-1` of each layer, `[n, n]`. */
  readonly inverses: readonly Tensor[];
}

type Numbered = Readonly<Record<string, Tensor>>;

/**
 * Computes the explicit weights of a sandwich net. Inputs are the parameters `g0 .. gL` `[n_k, n_(k-1)]`, `y0 .. yL`
 * `[n_k, n_k]` and `s0 .. s(L-1)` `[n_k]`. Outputs are `W_0 .. W_L`, then `N_0 .. N_L`.
 *
 * With `N = (I + Y - Y^T + G G^T)^-1`, `A = 2 N - I` and `B = 2 N G`: `W_k = r_k B_k A_(k-1)^T c_k`. The factor
 * `r_k = sqrt(2) e^-s_k` multiplies the rows, and `c_k = sqrt(2) e^s_(k-1)` multiplies the columns. In the last layer
 * `r_k` is `coeff`. The first layer has no `A` and `c`.
 */
const forward = kernel<Numbered, { readonly coeff: number; readonly widths: readonly number[] }>('ImpflowSandwich');

/**
 * Computes the gradients with respect to `g0, y0, s0, g1, ...` from the gradients `d0 .. dL` with respect to the
 * explicit weights. Further inputs: `g0 ..`, `s0 ..`, and the results `w0 ..`, `n0 ..` of the forward pass.
 */
const backward = kernel<Numbered, { readonly coeff: number; readonly widths: readonly number[] }>(
  'ImpflowSandwichGradient',
);

const numbered = (name: string, tensors: readonly (Tensor | undefined)[]): Numbered =>
  Object.fromEntries(tensors.flatMap((tensor, i) => (tensor === undefined ? [] : [[`${name}${i}`, tensor] as const])));

const inputsOf = (parts: readonly SandwichPart[]): Numbered => ({
  ...numbered(
    'g',
    parts.map(({ weight }) => weight),
  ),
  ...numbered(
    'y',
    parts.map(({ skew }) => skew),
  ),
  ...numbered(
    's',
    parts.map(({ scale }) => scale),
  ),
});

/** Returns the widths `n_0 .. n_(L+1)` of a sandwich net. */
const widthsOf = (parts: readonly SandwichPart[]): readonly number[] => [
  parts[0]!.weight.shape[1]!,
  ...parts.map(({ weight }) => weight.shape[0]),
];

/**
 * Returns the explicit weights of a sandwich net for the present parameters. The gradient tape does not record the
 * computation. Call this function in a scope, which disposes intermediate tensors.
 */
export const sandwichWeights = (parts: readonly SandwichPart[], coeff: number): SandwichWeights => {
  const all = forward.run<readonly Tensor[]>(inputsOf(parts), { coeff, widths: widthsOf(parts) }, () => {
    const inverses = parts.map(inverseOf);
    const weights = parts.map((part, k) => {
      const b = secondFactor(part, inverses[k]!);
      const { row, column } = factors(parts, k, coeff);
      return column === undefined
        ? mul(b, row)
        : mul(mul(matMul(b, firstFactor(inverses[k - 1]!), false, true), row), column);
    });
    return [...weights, ...inverses];
  });
  return { weights: all.slice(0, parts.length), inverses: all.slice(parts.length) };
};

/**
 * Converts the gradients of all explicit weights to gradients of the parameters, for each layer in the order of its
 * parameters. The gradient tape does not record the computation. Call this function in a scope, which disposes
 * intermediate tensors.
 */
export const sandwichGradients = (
  parts: readonly SandwichPart[],
  { weights, inverses }: SandwichWeights,
  direct: readonly Tensor[],
  coeff: number,
): readonly (readonly Tensor[])[] => {
  const inputs = {
    ...inputsOf(parts),
    ...numbered('d', direct),
    ...numbered('w', weights),
    ...numbered('n', inverses),
  };
  const all = backward.run<readonly Tensor[]>(inputs, { coeff, widths: widthsOf(parts) }, () => {
    const moments = direct.map((gradient, k) => mul(gradient, weights[k]!));
    // Remove the factors of rows and columns, then compute the gradients with respect to B and A from the gradient of B
    // A^T.
    const products = direct.map((gradient, k) => {
      const { row, column } = factors(parts, k, coeff);
      const inner = column === undefined ? mul(gradient, row) : mul(mul(gradient, row), column);
      return column === undefined
        ? { b: inner }
        : {
            b: matMul(inner, firstFactor(inverses[k - 1]!)),
            before: matMul(inner, secondFactor(parts[k]!, inverses[k]!), true),
          };
    });
    return parts.flatMap(({ weight, scale }, k) => {
      const inverse = inverses[k]!;
      const { b } = products[k]!;
      const after = products[k + 1]?.before;
      const toInverse = mul(
        after === undefined ? matMul(b, weight, false, true) : add(matMul(b, weight, false, true), after),
        2,
      );
      const toSum = neg(matMul(matMul(inverse, toInverse, true), inverse, false, true));
      return [
        add(mul(matMul(inverse, b, true), 2), matMul(add(toSum, transpose(toSum)), weight)),
        sub(toSum, transpose(toSum)),
        ...(scale === undefined ? [] : [sub(sum(moments[k + 1]!, 0), sum(moments[k]!, 1))]),
      ];
    });
  });
  let next = 0;
  return parts.map((part) => all.slice(next, (next += Object.keys(part).length)));
};

/**
 * Returns `N = (I + Y - Y^T + G G^T)^-1`. The symmetric part of the inverted matrix is at least `I`, so elimination
 * needs no pivoting.
 */
const inverseOf = ({ weight, skew }: SandwichPart): Tensor => {
  const unit = identity(skew.shape[0]!);
  const matrix = add(add(unit, sub(skew, transpose(skew))), matMul(weight, weight, false, true));
  return squeeze(eliminate(expandDims(matrix), expandDims(unit)).solution, [0]);
};

/** Returns `A = 2 N - I`. */
const firstFactor = (inverse: Tensor): Tensor => sub(mul(inverse, 2), identity(inverse.shape[0]!));

/** Returns `B = 2 N G`. */
const secondFactor = ({ weight }: SandwichPart, inverse: Tensor): Tensor => mul(matMul(inverse, weight), 2);

/** Returns the factors that multiply the rows, `[n, 1]`, and the columns, `[1, m]`, of the weight of layer `k`. */
const factors = (
  parts: readonly SandwichPart[],
  k: number,
  coeff: number,
): { readonly row: Tensor | number; readonly column?: Tensor } => {
  const [own, before] = [parts[k]!.scale, parts[k - 1]?.scale];
  return {
    row: own === undefined ? coeff : mul(exp(neg(reshape(own, [-1, 1]))), Math.SQRT2),
    ...(before === undefined ? {} : { column: mul(exp(reshape(before, [1, -1])), Math.SQRT2) }),
  };
};
