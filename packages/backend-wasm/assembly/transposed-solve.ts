import { invert } from './invert';
import { dot, gather, item, norm, scatter, scatterOne, setItem } from './lanes';

/**
 * Solves `a^T u = rhs` for `a [batch, d, d]`, `rhs [batch, d]`. Solves for `rhs / |rhs|`, with one step of iterative
 * refinement. Also returns the norms of the residual and of the solution of this scaled system, `[batch]` each.
 * `scratch` has `d (2 d + 3)` vectors.
 */
export function transposedSolve(a: usize, rhs: usize, u: usize, residual: usize, size: usize, scratch: usize, batch: i32, d: i32): void {
  const square = d * d, row = <usize>d << 4;
  const inverse = scratch + <usize>d * row, pivots = inverse + <usize>d * row;
  const b = pivots + row, x = b + row;
  // The memory of the pivots is free after the inversion.
  const rest = pivots;
  for (let first = 0; first < batch; first += 4) {
    const count = min(batch - first, 4);
    gather(a + (<usize>(first * square) << 2), square, scratch, count);
    memory.copy(inverse, scratch, <usize>d * row);
    invert(inverse, pivots, d);

    gather(rhs + (<usize>(first * d) << 2), d, b, count);
    const length = norm(b, d);
    const usable = v128.and(f32x4.gt(length, f32x4.splat(0)), f32x4.lt(length, f32x4.splat(Infinity)));
    const scale = v128.bitselect(length, f32x4.splat(1), usable);
    for (let i = 0; i < d; i++) setItem(b, i, f32x4.div(item(b, i), scale));

    for (let i = 0; i < d; i++) setItem(x, i, dot(inverse + (<usize>i << 4), row, b, d));
    remainder(scratch, x, b, rest, d);
    for (let i = 0; i < d; i++) setItem(x, i, f32x4.add(item(x, i), dot(inverse + (<usize>i << 4), row, rest, d)));
    remainder(scratch, x, b, rest, d);

    scatterOne(norm(rest, d), residual + (<usize>first << 2), count);
    scatterOne(norm(x, d), size + (<usize>first << 2), count);
    for (let i = 0; i < d; i++) setItem(x, i, f32x4.mul(item(x, i), scale));
    scatter(x, d, u + (<usize>(first * d) << 2), count);
  }
}

/** `b - a^T x`. */
// @ts-ignore: decorators of AssemblyScript
@inline
function remainder(a: usize, x: usize, b: usize, to: usize, d: i32): void {
  for (let i = 0; i < d; i++) setItem(to, i, f32x4.sub(item(b, i), dot(a + (<usize>i << 4), <usize>d << 4, x, d)));
}
