import { invert } from './invert';
import { dot, gather, item, norm, scatter, scatterOne, setItem } from './lanes';

/**
 * Solves `(I + J)^T u = rhs` for `jacobian [batch, d, d]`, `rhs [batch, d]`. Solves for `rhs / |rhs|`, with one step of
 * iterative refinement. `evidence [4, batch]` describes the convergence of the scaled system: the norm of the residual,
 * the tolerance `rtol (1 + |u|)`, the norm of the residual a second time, and infinity. `scratch` has `d (2 d + 3)`
 * vectors.
 */
export function transposedSolve(jacobian: usize, rhs: usize, u: usize, evidence: usize, scratch: usize, batch: i32, d: i32, rtol: f32): void {
  const line = <usize>batch << 2;
  const square = d * d, row = <usize>d << 4;
  const inverse = scratch + <usize>d * row, pivots = inverse + <usize>d * row;
  const b = pivots + row, x = b + row;
  // The memory of the pivots is free after the inversion.
  const rest = pivots;
  for (let first = 0; first < batch; first += 4) {
    const count = min(batch - first, 4);
    gather(jacobian + (<usize>(first * square) << 2), square, scratch, count);
    for (let i = 0; i < d; i++) setItem(scratch, i * (d + 1), f32x4.add(item(scratch, i * (d + 1)), f32x4.splat(1)));
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

    const to = evidence + (<usize>first << 2), residual = norm(rest, d);
    scatterOne(residual, to, count);
    scatterOne(f32x4.mul(f32x4.splat(rtol), f32x4.add(f32x4.splat(1), norm(x, d))), to + line, count);
    scatterOne(residual, to + 2 * line, count);
    scatterOne(f32x4.splat(Infinity), to + 3 * line, count);
    for (let i = 0; i < d; i++) setItem(x, i, f32x4.mul(item(x, i), scale));
    scatter(x, d, u + (<usize>(first * d) << 2), count);
  }
}

/** Computes the residual `b - a^T x`. */
// @ts-ignore: decorators of AssemblyScript
@inline
function remainder(a: usize, x: usize, b: usize, to: usize, d: i32): void {
  for (let i = 0; i < d; i++) setItem(to, i, f32x4.sub(item(b, i), dot(a + (<usize>i << 4), <usize>d << 4, x, d)));
}
