import type { NormalizingFlow } from '@impflow/flows';
import { firstOf, valueEvents, type Events } from '../images/events.ts';
import { batched } from '../measure/batched.ts';

/** Options of {@link interpolate}. */
export interface InterpolateOptions {
  /** Largest number of pairs of images. Default 8. */
  readonly pairs?: number;
  /** Number of images per pair, including the two images of the pair. Default 8. */
  readonly steps?: number;
}

/**
 * Interpolates between successive images (1 and 2, 3 and 4, ...), along arcs in the base space of the flow. Returns
 * `[pairs * steps, ...shape]`. A single image is interpolated with itself.
 */
export const interpolate = (
  flow: NormalizingFlow,
  images: Events,
  { pairs: most = 8, steps = 8 }: InterpolateOptions = {},
): Float32Array => {
  const some = firstOf(images, 2 * most);
  const base = batched(some, (x) => flow.encode(x));
  const { dim } = flow;
  const at = (i: number): Float32Array => base.subarray(i * dim, (i + 1) * dim);
  const pairs = Math.max(1, Math.floor(some.count / 2));
  const points = new Float32Array(pairs * steps * dim);
  for (let pair = 0; pair < pairs; pair++) {
    const [from, to] = [at(2 * pair), at(Math.min(some.count - 1, 2 * pair + 1))];
    for (let step = 0; step < steps; step++) points.set(arc(from, to, step / (steps - 1)), (pair * steps + step) * dim);
  }
  return batched(valueEvents(points, dim), (z) => flow.decode(z));
};

/**
 * Returns the spherical interpolation from `a` to `b` at `t` in `[0, 1]`. The norm of the result is between the norms
 * of `a` and `b`. In many dimensions, points on a straight line would be closer to the origin than samples of a normal
 * density.
 *
 * @see Shoemake, Animating Rotation with Quaternion Curves, SIGGRAPH 1985.
 */
export const arc = (a: Float32Array, b: Float32Array, t: number): Float32Array => {
  let [aa, bb, ab] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    aa += a[i]! ** 2;
    bb += b[i]! ** 2;
    ab += a[i]! * b[i]!;
  }
  const angle = Math.acos(Math.max(-1, Math.min(1, ab / Math.sqrt(aa * bb))));
  const sine = Math.sin(angle);
  // If the vectors are parallel or a vector is zero, the straight line is used.
  const [from, to] = sine > 1e-6 ? [Math.sin((1 - t) * angle) / sine, Math.sin(t * angle) / sine] : [1 - t, t];
  return a.map((value, i) => from * value + to * b[i]!);
};
