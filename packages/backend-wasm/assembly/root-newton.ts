import { invert } from './invert';
import { dot, gather, item, scatter, setItem } from './lanes';

/**
 * Computes `inverse = (I + J)^-1 [batch, d, d]` and Newton's step `-inverse image [batch, d]` from
 * `tangents [d, batch, d]` with `tangents[k, b, i] = J_ik`. Computes four samples at a time, one per lane. `scratch`
 * has `d (d + 3)` vectors.
 */
export function rootNewton(tangents: usize, image: usize, inverse: usize, step: usize, scratch: usize, batch: i32, d: i32): void {
  const row = <usize>d << 4, pivots = scratch + <usize>d * row, target = pivots + row, column = target + row;
  const sample = <usize>d << 2, slab = <usize>batch * sample;
  for (let first = 0; first < batch; first += 4) {
    const count = min(batch - first, 4), at = <usize>first * sample;
    for (let k = 0; k < d; k++) {
      gather(tangents + <usize>k * slab + at, d, column, count);
      for (let i = 0; i < d; i++) setItem(scratch + <usize>i * row, k, i == k ? f32x4.add(item(column, i), f32x4.splat(1)) : item(column, i));
    }
    invert(scratch, pivots, d);
    scatter(scratch, d * d, inverse + at * d, count);
    gather(image + at, d, target, count);
    for (let i = 0; i < d; i++) setItem(column, i, f32x4.neg(dot(scratch + <usize>i * row, 16, target, d)));
    scatter(column, d, step + at, count);
  }
}
