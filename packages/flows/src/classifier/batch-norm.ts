import { customOp, scoped, sizeOf } from '@impflow/core';
import {
  add,
  div,
  mul,
  ones,
  reshape,
  rsqrt,
  square,
  sub,
  sum,
  tile,
  variable,
  zeros,
  type Tensor,
  type Variable,
} from '@tensorflow/tfjs-core';
import { defineModule, type Module } from './module.ts';

/** Options of {@link batchNorm}. */
export interface BatchNormOptions {
  /** Number of channels: the length of the last axis. */
  readonly channels: number;
  /** Weight of the old value in each update of the moving statistics, in `[0, 1)`. Default 0.9. */
  readonly decay?: number;
  /** Number that is added to the variance. Default 1e-5. */
  readonly epsilon?: number;
}

/**
 * The module `scale (x - mean) / sqrt(variance + epsilon) + offset`, with separate numbers for each channel (the last
 * axis of `[B, ..., channels]`). In training, `mean` and `variance` are the statistics of the batch, and moving
 * averages of both statistics (with the unbiased variance) are stored in buffers. In evaluation, `mean` and `variance`
 * are read from the buffers.
 *
 * @remarks In training, the result of a row depends on the other rows of the batch. Each data-parallel worker
 * normalizes by the statistics of its own part of the batch. Only the calling process's part of the batch updates the
 * buffers, since each step overwrites the buffers of the workers. If a step is computed more than once (see `settle` of
 * `@impflow/core`), the buffers are updated more than once.
 * @see Ioffe, Szegedy, Batch Normalization, 2015 (arXiv:1502.03167), algorithms 1 and 2.
 */
export const batchNorm = ({ channels, decay = 0.9, epsilon = 1e-5 }: BatchNormOptions): Module => {
  const own = (init: (shape: [number]) => Tensor, trainable: boolean): Variable =>
    scoped(() => variable(init([channels]), trainable));
  const [scale, offset, mean, variance] = [own(ones, true), own(zeros, true), own(zeros, false), own(ones, false)];
  const follow = (moving: Variable, batch: Tensor): void =>
    moving.assign(add(mul(moving, decay), mul(batch, 1 - decay)) as typeof moving);

  return defineModule({
    parameters: { scale, offset },
    buffers: { mean, variance },
    apply: (x, { train = false }) => {
      const size = sizeOf(x.shape.slice(1)),
        count = sizeOf(x.shape) / channels;
      // Reshape to one long row per sample: broadcasting over short rows of channels is several times slower.
      const lines = (y: Tensor): Tensor => reshape(y, [x.shape[0]!, size]);
      const wide = (channel: Tensor): Tensor => tile(channel, [size / channels]);
      const total = (y: Tensor): Tensor => sum(reshape(y, [count, channels]), 0);
      const ofBatch = (): { readonly centred: Tensor; readonly variance: Tensor } => {
        const centre = div(total(x), count);
        const centred = sub(lines(x), wide(centre));
        const spread = div(total(square(centred)), count);
        follow(mean, centre);
        follow(variance, mul(spread, count / Math.max(1, count - 1)));
        return { centred, variance: spread };
      };
      return customOp([x, scale, offset], {
        forward: () => {
          const { centred, variance: spread } = train ? ofBatch() : { centred: sub(lines(x), wide(mean)), variance };
          const rate = rsqrt(add(spread, epsilon));
          const unit = mul(centred, wide(rate));
          return {
            value: reshape(add(mul(unit, wide(scale)), wide(offset)), x.shape),
            saved: { unit, slope: mul(scale, rate) },
          };
        },
        backward: (cotangent, { unit, slope }) => {
          const dy = lines(cotangent);
          const [ofOffset, ofScale] = [total(dy), total(mul(dy, unit))];
          // In training, mean and variance depend on x. The gradients through mean and variance cancel the mean of dy,
          // and the component of dy along the normalized value.
          const through = train ? sub(dy, add(mul(unit, wide(div(ofScale, count))), wide(div(ofOffset, count)))) : dy;
          return [reshape(mul(through, wide(slope)), x.shape), ofScale, ofOffset];
        },
      });
    },
  });
};
