import {
  defineBijector,
  FlowError,
  scoped,
  sizeOf,
  type Bijector,
  type Context,
  type Transformed,
} from '@impflow/core';
import { concat, reshape, slice, type Tensor } from '@tensorflow/tfjs-core';

/** Options of {@link factorOut}. */
export interface FactorOutOptions {
  /** Shape of one event, `[..., channels]`, without the batch axis. */
  readonly shape: readonly number[];
  /** Bijector of the last `floor(channels / 2)` channels. */
  readonly rest: Bijector;
}

/**
 * Sends the first half of the channels to the base density unchanged and applies `rest` to the other half. Maps
 * `[B, ..., c] -> [B, d]`: the first half as a row, then the output of `rest` as a row. Nested calls make a multi-scale
 * architecture: each later scale transforms fewer numbers.
 *
 * @throws `shape` for fewer than two channels, or if `rest` does not accept the shape of the second half.
 * @see Dinh, Sohl-Dickstein, Bengio, Density Estimation using Real NVP, 2017 (arXiv:1605.08803), section 3.6.
 */
export const factorOut = ({ shape, rest }: FactorOutOptions): Bijector => {
  const channels = shape.at(-1) ?? 0;
  const out = Math.ceil(channels / 2);
  const [kept, handed] = [
    [...shape.slice(0, -1), out],
    [...shape.slice(0, -1), channels - out],
  ];
  if (channels < 2 || rest.shape.join() !== handed.join()) {
    throw new FlowError(
      'shape',
      'flows/factorOut',
      channels < 2 ? 'Too few channels to factor out' : 'The bijector `rest` has a wrong shape',
      {
        expected: channels < 2 ? 'two channels or more' : `[B, ${handed.join(', ')}]`,
        got: channels < 2 ? String(channels) : `[B, ${rest.shape.join(', ')}]`,
      },
    );
  }
  const [keptSize, dim] = [sizeOf(kept), sizeOf(shape)];
  const origin = shape.map(() => 0);
  const split = (x: Tensor): readonly [Tensor, Tensor] => {
    const batch = x.shape[0]!;
    return [
      reshape(slice(x, [0, ...origin], [batch, ...kept]), [batch, keptSize]),
      slice(x, [0, ...origin.slice(1), out], [batch, ...handed]),
    ];
  };
  const concatenated = (first: Tensor, moved: Tensor): Tensor =>
    concat([first, reshape(moved, [moved.shape[0]!, dim - keptSize])], 1);
  const apart = (z: Tensor): readonly [Tensor, Tensor] => {
    const batch = z.shape[0]!;
    return [
      reshape(slice(z, [0, 0], [batch, keptSize]), [batch, ...kept]),
      reshape(slice(z, [0, keptSize], [batch, dim - keptSize]), [batch, ...rest.outputShape]),
    ];
  };
  const whole = (first: Tensor, moved: Tensor): Tensor => concat([first, moved], shape.length);
  return defineBijector({
    name: 'factorOut',
    shape,
    outputShape: [dim],
    parameters: rest.parameters,
    buffers: rest.buffers,
    forward: (x, context) => {
      const [first, others] = split(x);
      return concatenated(first, rest.forward(others, context));
    },
    inverse: (z, context) => {
      const [first, others] = apart(z);
      return whole(first, rest.inverse(others, context));
    },
    forwardWithLogDet: (x, context): Transformed => {
      const [first, others] = split(x);
      const { value, logDet } = rest.forwardWithLogDet(others, context);
      return { value: concatenated(first, value), logDet };
    },
    inverseWithLogDet: (z, context): Transformed => {
      const [first, others] = apart(z);
      const { value, logDet } = rest.inverseWithLogDet(others, context);
      return { value: whole(first, value), logDet };
    },
    initialize: (x: Tensor, context: Context) => scoped(() => rest.initialize(split(x)[1], context)),
    refresh: rest.refresh,
  });
};
