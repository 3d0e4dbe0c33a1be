import { invert, logOfProduct } from './invert';
import { gather, item, scatterOne, setItem } from './lanes';
import { plane } from './transpose';

/**
 * Computes `log det(I + J)`, `[batch]`, from `tangents [d, batch, d]` with `tangents[k, b, i] = J_ik`. Also computes
 * its gradient with respect to the tangents, `((I + J)^-1)_ki`. `scratch` has `d (d + 1)` vectors.
 */
export function logDet(tangents: usize, logDets: usize, gradient: usize, scratch: usize, batch: i32, d: i32): void {
  const row = <usize>d << 4, pivots = scratch + <usize>d * row;
  const sample = <usize>d << 2, slab = <usize>batch * sample;
  for (let first = 0; first < batch; first += 4, tangents += sample << 2, gradient += sample << 2) {
    const count = min(batch - first, 4);
    // The matrix `a` is the transpose of `I + J`, which has the same pivots.
    for (let k = 0; k < d; k++) {
      const line = scratch + <usize>k * row;
      gather(tangents + <usize>k * slab, d, line, count);
      setItem(line, k, f32x4.add(item(line, k), f32x4.splat(1)));
    }
    invert(scratch, pivots, d);
    scatterOne(logOfProduct(pivots, d), logDets + (<usize>first << 2), count);
    for (let k = 0; k < d; k++) plane(scratch + (<usize>k << 4), row, gradient + <usize>k * slab, sample, d, count);
  }
}
