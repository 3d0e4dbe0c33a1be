import { defineBijector, FlowError, fold, scoped, uniform, type Bijector, type Key, type NamedVariables } from '@impflow/core';
import { add, concat, exp, mul, neg, relu, slice, sub, sum, tanh, variable, type Tensor, type Variable } from '@tensorflow/tfjs-core';
import { affineMap } from './linear-op.ts';
import { assertCondition } from './net.ts';

export interface CouplingOptions {
  readonly dim: number;
  readonly hidden?: readonly number[];
  readonly key: Key;
  /** Size of a context `[B, m]` that the net also sees. Default 0. */
  readonly context?: number;
}

/**
 * Affine coupling: the first `ceil(d / 2)` features pass; the others become `x exp(s) + t` with `s, t` from a net of the first.
 *
 * @remarks `s` is bounded to `(-2, 2)` by a hyperbolic tangent; the last layer starts as zero, so the block starts as the identity.
 * @see Dinh, Sohl-Dickstein, Bengio, Density Estimation using Real NVP, 2017 (arXiv:1605.08803), section 3.2.
 */
export const affineCoupling = ({ dim, hidden = [128, 128], key, context = 0 }: CouplingOptions): Bijector => {
  if (dim < 2) throw new FlowError('option', 'flows/affineCoupling', 'Too few features', { expected: 'at least 2', got: String(dim), hint: 'Use implicit or residual blocks for one dimension.' });
  const kept = Math.ceil(dim / 2);
  const moved = dim - kept;
  const widths = [kept + context, ...hidden, 2 * moved];
  const layers = widths.slice(1).map((outputs, i) => scoped(() => {
    const bound = i === hidden.length ? 0 : 1 / Math.sqrt(widths[i]!);
    return {
      weight: variable(uniform(fold(key, 2 * i), [outputs, widths[i]!], -bound, bound)),
      bias: variable(uniform(fold(key, 2 * i + 1), [outputs], -bound, bound)),
    };
  }));
  const parameters: NamedVariables = Object.fromEntries(layers.flatMap(({ weight, bias }, i): [string, Variable][] =>
    [[`layers.${i}.weight`, weight], [`layers.${i}.bias`, bias]]));
  const net = (first: Tensor, condition: Tensor | undefined): { readonly s: Tensor; readonly t: Tensor } => {
    const seen = context === 0 ? first : concat([first, assertCondition('affineCoupling', condition, context, first.shape[0]!)], 1);
    const out = layers.reduce((y, { weight, bias }, i) => affineMap(i === 0 ? y : relu(y), weight, bias), seen);
    return { s: mul(2, tanh(mul(0.5, part(out, 0, moved)))), t: part(out, moved, moved) };
  };
  return defineBijector({
    name: 'affineCoupling',
    shape: [dim],
    parameters,
    forwardWithLogDet: (x, { condition }) => {
      const first = part(x, 0, kept);
      const { s, t } = net(first, condition);
      return { value: concat([first, add(mul(part(x, kept, moved), exp(s)), t)], 1), logDet: sum(s, 1) };
    },
    inverseWithLogDet: (z, { condition }) => {
      const first = part(z, 0, kept);
      const { s, t } = net(first, condition);
      return { value: concat([first, mul(sub(part(z, kept, moved), t), exp(neg(s)))], 1), logDet: neg(sum(s, 1)) };
    },
  });
};

const part = (x: Tensor, begin: number, size: number): Tensor => slice(x, [0, begin], [x.shape[0]!, size]);
