import { dot, gather, item, scatter, setItem } from './lanes';
import { madd } from './madd';

/**
 * Applies Broyden's good update to `inverse [batch, d, d]` after a step `dy`, which changed the function value by `dF`
 * to `image`. `dy`, `dF` and `image` have shape `[batch, d]`. Also computes the next step, `-inverse' image`, with the
 * updated inverse. `scratch` has `d (d + 4)` vectors.
 */
export function broyden(inverse: usize, dy: usize, dF: usize, image: usize, next: usize, step: usize, scratch: usize, batch: i32, d: i32): void {
  const square = d * d, row = <usize>d << 4;
  const y = scratch + <usize>d * row, f = y + row, target = f + row, v = target + row;
  for (let first = 0; first < batch; first += 4) {
    const count = min(batch - first, 4);
    const vectors = <usize>(first * d) << 2, matrices = <usize>(first * square) << 2;
    gather(inverse + matrices, square, scratch, count);
    gather(dy + vectors, d, y, count);
    gather(dF + vectors, d, f, count);
    gather(image + vectors, d, target, count);

    for (let j = 0; j < d; j++) setItem(v, j, dot(scratch + (<usize>j << 4), row, y, d));
    const denominator = dot(v, 16, f, d);
    const least = f32x4.mul(f32x4.splat(1e-6), f32x4.sqrt(f32x4.mul(dot(v, 16, v, d), dot(f, 16, f, d))));
    // The comparison is false if a number is NaN.
    const ok = f32x4.gt(f32x4.abs(denominator), f32x4.max(least, f32x4.splat(1e-30)));
    const divisor = v128.bitselect(denominator, f32x4.splat(1), ok);

    let line = scratch;
    for (let i = 0; i < d; i++, line += row) {
      const u = f32x4.div(f32x4.sub(item(y, i), dot(line, 16, f, d)), divisor);
      for (let j = 0; j < d; j++) setItem(line, j, v128.bitselect(madd(u, item(v, j), item(line, j)), item(line, j), ok));
      // No later row needs this entry of `y`, so it is overwritten by an entry of the next step.
      setItem(y, i, f32x4.neg(dot(line, 16, target, d)));
    }
    scatter(scratch, square, next + matrices, count);
    // `y` now holds the next step.
    scatter(y, d, step + vectors, count);
  }
}
