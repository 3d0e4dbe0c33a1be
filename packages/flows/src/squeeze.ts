import { defineBijector, FlowError, type Bijector } from '@impflow/core';
import { reshape, transpose, zeros } from '@tensorflow/tfjs-core';

/** Options of {@link squeeze}. */
export interface SqueezeOptions {
  /** Shape of one image, `[height, width, channels]`. */
  readonly shape: readonly number[];
  /** Side `f` of the squares that become one pixel, in pixels. Default 2. */
  readonly factor?: number;
}

/**
 * The bijector that turns each `f x f` square of pixels into one pixel with `f^2` times as many channels,
 * `[B, h, w, c] -> [B, h / f, w / f, c f^2]`. Channel `f^2 c + f dy + dx` of pixel `(i, j)` in the result is pixel
 * `(f i + dy, f j + dx)` of channel `c` in the input. The log-determinant is zero.
 *
 * @throws `shape` if `shape` is not the shape of an image, or the factor does not divide its sides.
 * @see Dinh, Sohl-Dickstein, Bengio, Density Estimation using Real NVP, 2017 (arXiv:1605.08803), section 3.6.
 */
export const squeeze = ({ shape, factor = 2 }: SqueezeOptions): Bijector => {
  const [height, width, channels] = imageShape('squeeze', shape);
  if (height % factor !== 0 || width % factor !== 0) {
    throw new FlowError('shape', 'flows/squeeze', 'The sides of the image are not divisible', {
      expected: `multiples of ${factor}`,
      got: `${height} x ${width}`,
      hint: 'Crop or pad the images, or take fewer scales.',
    });
  }
  const [h, w, c] = [height / factor, width / factor, channels * factor * factor];
  return defineBijector({
    name: 'squeeze',
    shape,
    outputShape: [h, w, c],
    forwardWithLogDet: (x) => {
      const batch = x.shape[0]!;
      // [B, h, dy, w, dx, c] -> [B, h, w, c, dy, dx]
      const squares = transpose(reshape(x, [batch, h, factor, w, factor, channels]), [0, 1, 3, 5, 2, 4]);
      return { value: reshape(squares, [batch, h, w, c]), logDet: zeros([batch]) };
    },
    inverseWithLogDet: (z) => {
      const batch = z.shape[0]!;
      const squares = transpose(reshape(z, [batch, h, w, channels, factor, factor]), [0, 1, 4, 2, 5, 3]);
      return { value: reshape(squares, [batch, height, width, channels]), logDet: zeros([batch]) };
    },
  });
};

/**
 * Returns `shape` as `[height, width, channels]`.
 *
 * @throws `shape` if `shape` does not have three axes.
 */
export const imageShape = (at: string, shape: readonly number[]): readonly [number, number, number] => {
  if (shape.length === 3) return shape as readonly [number, number, number];
  throw new FlowError('shape', `flows/${at}`, 'Not an image', {
    expected: '[height, width, channels]',
    got: `[${shape.join(', ')}]`,
  });
};
