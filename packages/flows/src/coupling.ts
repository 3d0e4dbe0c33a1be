import { defineBijector, FlowError, shown, type Bijector, type Key } from '@impflow/core';
import { add, concat, exp, mul, neg, slice, sub, tanh, type Tensor } from '@tensorflow/tfjs-core';
import { assertCondition } from './condition.ts';
import { eventShape, sumOverEvent, type EventOptions } from './event.ts';
import { freeMlp } from './free-mlp.ts';

/** Options of {@link affineCoupling}: `dim` or `shape` of the events, and the fields below. */
export type CouplingOptions = EventOptions & {
  /** Widths of the hidden layers; for images, their numbers of channels. Default `[128, 128]`. */
  readonly hidden?: readonly number[];
  /**
   * Only for images: for each layer, the side of its filters in pixels. Default: 3 for the first and the last layer,
   * otherwise 1.
   */
  readonly kernels?: readonly number[];
  /** Random key for the initial weights. */
  readonly key: Key;
  /**
   * Size `m` of a context `[B, m]`, which is a second input of the net. Images cannot have a context. Default 0: no
   * context.
   */
  readonly context?: number;
};

/**
 * Affine coupling. The first `ceil(d / 2)` features pass unchanged. The other features become `x exp(s) + t`, where a
 * net computes `s` and `t` from the unchanged features. For images, features are channels.
 *
 * @remarks A hyperbolic tangent bounds `s` to `(-2, 2)`. The last layer starts as zero, so the block starts as the
 * identity.
 * @throws `option` for fewer than 2 features, a wrong number of filters, or a context for images.
 * @see Dinh, Sohl-Dickstein, Bengio, Density Estimation using Real NVP, 2017 (arXiv:1605.08803), section 3.2.
 */
export const affineCoupling = ({
  hidden = [128, 128],
  kernels = hidden.map((_, i) => (i === 0 ? 3 : 1)).concat(3),
  key,
  context = 0,
  ...options
}: CouplingOptions): Bijector => {
  const shape = eventShape(options);
  const dim = shape.at(-1)!;
  const image = shape.length === 3;
  if (dim < 2)
    throw new FlowError('option', 'flows/affineCoupling', 'Too few features', {
      expected: 'at least 2',
      got: shown(dim),
      hint: 'Use implicit or residual blocks for one dimension.',
    });
  if (image && (context > 0 || kernels.length !== hidden.length + 1)) {
    throw new FlowError(
      'option',
      'flows/affineCoupling',
      context > 0 ? 'A coupling of images takes no context' : 'Wrong number of filters',
      {
        expected: context > 0 ? 'none' : `${hidden.length + 1}, one for each layer`,
        got: String(context > 0 ? context : kernels.length),
      },
    );
  }
  const kept = Math.ceil(dim / 2);
  const moved = dim - kept;
  const { parameters, value } = freeMlp({
    widths: [kept + context, ...hidden, 2 * moved],
    key,
    ...(image ? { kernels } : {}),
  });
  const net = (first: Tensor, condition: Tensor | undefined): { readonly s: Tensor; readonly t: Tensor } => {
    const seen =
      context === 0
        ? first
        : concat([first, assertCondition('affineCoupling', condition, context, first.shape[0]!)], 1);
    const out = value(seen);
    return { s: mul(2, tanh(mul(0.5, part(out, 0, moved)))), t: part(out, moved, moved) };
  };
  return defineBijector({
    name: 'affineCoupling',
    shape,
    parameters,
    forwardWithLogDet: (x, { condition }) => {
      const first = part(x, 0, kept);
      const { s, t } = net(first, condition);
      return {
        value: concat([first, add(mul(part(x, kept, moved), exp(s)), t)], shape.length),
        logDet: sumOverEvent(s),
      };
    },
    inverseWithLogDet: (z, { condition }) => {
      const first = part(z, 0, kept);
      const { s, t } = net(first, condition);
      return {
        value: concat([first, mul(sub(part(z, kept, moved), t), exp(neg(s)))], shape.length),
        logDet: neg(sumOverEvent(s)),
      };
    },
  });
};

/** Returns `size` features, starting at index `begin`: `[B, ..., d] -> [B, ..., size]`. */
const part = (x: Tensor, begin: number, size: number): Tensor =>
  slice(
    x,
    x.shape.map((_, axis) => (axis === x.rank - 1 ? begin : 0)),
    [...x.shape.slice(0, -1), size],
  );
