import { defineBijector, FlowError, shown, type Bijector, type Key } from '@impflow/core';
import { add, exp, mul, neg, split, sub, sum, tanh, type Tensor } from '@tensorflow/tfjs-core';
import { assertCondition } from './condition.ts';
import { freeMlp } from './free-mlp.ts';

/** Options of {@link conditionalAffine}. */
export interface ConditionalAffineOptions {
  /** Number of features `d`. */
  readonly dim: number;
  /** Size `m` of the context `[B, m]`. */
  readonly context: number;
  /** Widths of the hidden layers of the net. Default `[128, 128]`. */
  readonly hidden?: readonly number[];
  /** Random key for the initial weights. */
  readonly key: Key;
}

/** Bound of `|s|`, so that scales lie between 1/55 and 55. */
const BOUND = 4;

/**
 * The bijector `z = (y - t(c)) exp(-s(c))`, `[B, d] -> [B, d]`. A net of the context `c` `[B, m]` computes the shift
 * `t` and the log-scale `s` of each feature. The parameters are named `layers.<i>.weight` and `layers.<i>.bias`, as in
 * {@link affineCoupling}.
 *
 * @remarks A hyperbolic tangent bounds `s` to `(-4, 4)`. The last layer starts as zero, so the block starts as the
 * identity.
 * @throws `option` for sizes that are not positive integers. The methods throw `option` for a missing condition and
 * `shape` for a condition of a wrong size.
 */
export const conditionalAffine = ({ dim, context, hidden = [128, 128], key }: ConditionalAffineOptions): Bijector => {
  if (!isSize(context))
    throw new FlowError('option', 'flows/conditionalAffine', 'No context', {
      expected: 'a positive number of entries',
      got: shown(context),
      hint: 'Give the flow a context, or leave this block out.',
    });
  if (!isSize(dim) || !Array.isArray(hidden) || !hidden.every(isSize))
    throw new FlowError('option', 'flows/conditionalAffine', 'Wrong sizes', {
      expected: 'positive whole numbers as dim and hidden widths',
      got: `${dim} and ${JSON.stringify(hidden)}`.slice(0, 80),
    });
  const { parameters, value } = freeMlp({ widths: [context, ...hidden, 2 * dim], key });
  const net = (condition: Tensor | undefined, rows: number): { readonly s: Tensor; readonly t: Tensor } => {
    const [s, t] = split(value(assertCondition('conditionalAffine', condition, context, rows)), 2, 1);
    return { s: mul(BOUND, tanh(mul(1 / BOUND, s!))), t: t! };
  };
  return defineBijector({
    name: 'conditionalAffine',
    shape: [dim],
    parameters,
    forwardWithLogDet: (y, { condition }) => {
      const { s, t } = net(condition, y.shape[0]!);
      return { value: mul(sub(y, t), exp(neg(s))), logDet: neg(sum(s, 1)) };
    },
    inverseWithLogDet: (z, { condition }) => {
      const { s, t } = net(condition, z.shape[0]!);
      return { value: add(mul(z, exp(s)), t), logDet: sum(s, 1) };
    },
  });
};

const isSize = (n: unknown): n is number => Number.isInteger(n) && (n as number) > 0;
