import { sampleNorm, type Iterate, type Solver, type TensorMap } from '@impflow/core';
import {
  add,
  cast,
  concat,
  div,
  expandDims,
  greater,
  less,
  lessEqual,
  logicalAnd,
  logicalNot,
  logicalOr,
  maximum,
  minimum,
  mul,
  ones,
  reshape,
  sub,
  sum,
  where,
  zeros,
  zerosLike,
  type Tensor,
} from '@tensorflow/tfjs-core';

/** State of {@link minimalResidual}. */
export interface MinimalResidualState extends Iterate {
  /** The point with the smallest residual in the Krylov space of the sample, or the point to check, `[B, d]`. */
  readonly here: Tensor;
  /**
   * Residual `b - A u` at the point `u` with the smallest residual in the Krylov space, `[B, d]`. Between two checks, a
   * recurrence updates `gap`.
   */
  readonly gap: Tensor;
  /** Norm of `gap`, `[B]`. */
  readonly size: Tensor;
  /**
   * Argument of the next product with `A`, `[B, d]`: a unit vector that extends the Krylov space, or the point to
   * check.
   */
  readonly probe: Tensor;
  /** Whether `probe` is a point to check, `[B]`, bool. */
  readonly looking: Tensor;
  /** The Krylov space; `null` at the start and after a restart. */
  readonly space: Space | null;
}

/** The `k` vectors since the last restart, and the products of these vectors with `A`. */
interface Space {
  /** The vectors `P`, `[k, B, d]`, which span the Krylov space. */
  readonly searched: Tensor;
  /**
   * The products `A P`, `[k, B, d]`, orthonormal for each sample. A step that checked a point contributes zero vectors.
   */
  readonly images: Tensor;
}

/** Options of {@link minimalResidual}. */
export interface MinimalResidualOptions {
  /** Largest number of vectors of a Krylov space. */
  readonly restart: number;
  /** A sample has converged if its residual is at most `rtol (1 + |u|)`. */
  readonly rtol: number;
}

/**
 * Returns GMRES as a solver for the affine map `F(u) = A u - b`, with `b [B, d]`, from `u = 0`. After `k` products
 * `|b - A u|` is minimal over the Krylov space of dimension `k`. The solver stores an orthonormal basis of the image of
 * the Krylov space under `A`, instead of a basis of the space. Therefore the iterate and its residual are known after
 * each step, and no Hessenberg matrix has to be factored per sample. The next vector is the residual if the last step
 * reduced the residual. If not, the next vector is the last image, which prevents the method from stalling.
 *
 * A recurrence updates the residual and accumulates rounding errors in float32. Therefore, if a sample has converged
 * according to the recurrence, or if its Krylov space does not grow, its next product is a check. The check computes
 * the true residual at `u + (b - A u)`, which is one step of fixed-point iteration further. If the fixed-point step
 * would not reduce the residual, the check is made at `u`. Before the check, a sample reports a residual above the
 * tolerance, so that the solve does not stop. If the check fails, one product is wasted. The space is kept, and the
 * part of the true residual in the span of the images is removed.
 *
 * @remarks A step costs one product and `5 k` vector operations, and each sample stores `2 k` vectors.
 * @see Saad and Schultz, GMRES, SIAM J. Sci. Stat. Comput. 7, 1986. Walker and Zhou, A simpler GMRES, Numer. Linear
 * Algebra Appl. 1, 1994. Jiranek and Rozloznik, Adaptive version of simpler GMRES, Numer. Algorithms 53, 2010 (the
 * choice of the next vector).
 */
export const minimalResidual = (b: Tensor, { restart, rtol }: MinimalResidualOptions): Solver<MinimalResidualState> => {
  const [batch, dim] = b.shape as [number, number];
  const most = Math.min(restart, dim);

  const step = (
    f: TensorMap,
    { here, gap, size, probe, looking, space }: MinimalResidualState,
  ): MinimalResidualState => {
    // Convert flags to factors 0 and 1. Multiplying by 0 gives NaN for a row that is not finite, but the row could not
    // become finite again in any case.
    const looks = factor(looking);
    const searches = sub(1, looks);
    const difference = f(probe);
    const image = add(difference, b);
    // `x` is the image `A probe` of a unit vector, or the residual `b - A u` at a point to check.
    const x = sub(mul(searches, image), mul(looks, difference));
    const { rest, moved } = parted(x, space);
    const [seen, outside] = [sampleNorm(x), sampleNorm(rest)];
    const found = logicalAnd(logicalNot(looking), greater(outside, mul(ROUNDING, seen)));
    const scale = column(inverse(outside, found));
    const [p, w] = [mul(scale, sub(probe, moved)), mul(scale, rest)];
    const along = rowDot(w, gap);
    const best = add(here, add(mul(along, p), mul(looks, moved)));
    const left = add(sub(mul(searches, gap), mul(along, w)), mul(looks, rest));

    const [length, tolerance] = [sampleNorm(left), mul(rtol, add(1, sampleNorm(best)))];
    // `slope` is the factor by which fixed-point iteration shrinks the unit vector: `|(I - A) probe|`.
    const slope = where(looking, ones([batch]), sampleNorm(sub(probe, image)));
    const looksNext = logicalOr(
      lessEqual(mul(length, minimum(1, mul(CAUTION, slope))), tolerance),
      logicalNot(logicalOr(looking, found)),
    );
    const full = (space?.images.shape[0] ?? 0) + 1 === most;
    const fell = logicalOr(looking, lessEqual(length, mul(FALL, size)));
    const nextHere = add(best, mul(factor(logicalAnd(looksNext, less(slope, 1))), left));
    const direction = full
      ? unit(left, length)
      : add(mul(column(inverse(length, logicalAnd(fell, greater(length, 0)))), left), mul(factor(logicalNot(fell)), w));
    const looksThere = factor(looksNext);
    return {
      value: where(reshape(looking, [-1, 1]), here, best),
      residual: where(looking, seen, maximum(length, mul(UNSEEN, tolerance))),
      here: nextHere,
      gap: left,
      size: length,
      probe: add(mul(looksThere, nextHere), mul(sub(1, looksThere), direction)),
      looking: looksNext,
      space: full ? null : { searched: appended(space?.searched, p), images: appended(space?.images, w) },
    };
  };
  return Object.freeze<Solver<MinimalResidualState>>({
    name: 'gmres',
    problem: 'root',
    init: (f) => {
      const [zero, size] = [zerosLike(b), sampleNorm(b)];
      return step(f, {
        value: zero,
        residual: size,
        here: zero,
        gap: b,
        size,
        probe: unit(b, size),
        looking: zeros([batch], 'bool'),
        space: null,
      });
    },
    step,
  });
};

/**
 * The residual becomes the next vector if the last step reduced its norm to at most this fraction. If the reduction is
 * smaller, the residual hardly differs from the previous vectors.
 */
const FALL = 0.9;
/** Safety factor for `slope`, which was measured on the previous vector and not on the residual. */
const CAUTION = 1.5;
/** Smallest residual that an unchecked sample reports, as a multiple of its tolerance. */
const UNSEEN = 1.001;
/**
 * The part of an image outside the space counts as a rounding error if its norm is at most this fraction of the norm of
 * the image.
 */
const ROUNDING = 1e-6;

/**
 * Removes from `x [B, d]` its projection onto the images. Returns the remaining vector `rest`, and the vector `moved`
 * of the Krylov space whose image was removed. Runs Gram-Schmidt twice, because one pass does not reach orthogonality
 * in float32.
 */
const parted = (x: Tensor, space: Space | null): { readonly rest: Tensor; readonly moved: Tensor } => {
  if (space === null) return { rest: x, moved: zerosLike(x) };
  const first = dots(space.images, x);
  const once = sub(x, combine(space.images, first));
  const second = dots(space.images, once);
  return { rest: sub(once, combine(space.images, second)), moved: combine(space.searched, add(first, second)) };
};

/** Returns 1 for a flag that is true, and 0 for false, `[B] -> [B, 1]`. */
const factor = (flags: Tensor): Tensor => column(cast(flags, 'float32'));

const column = (x: Tensor): Tensor => reshape(x, [-1, 1]);

/** Returns `1 / size` where `usable` is true, and 0 elsewhere, `[B]`. */
const inverse = (size: Tensor, usable: Tensor): Tensor => where(usable, div(1, size), zerosLike(size));

/** Divides rows by their norms `size [B]`. Zero rows stay zero. */
const unit = (x: Tensor, size: Tensor): Tensor => mul(column(inverse(size, greater(size, 0))), x);

/** Returns the inner products of corresponding rows, `[B, d], [B, d] -> [B, 1]`. */
const rowDot = (a: Tensor, b: Tensor): Tensor => sum(mul(a, b), 1, true);

// The functions below stack vectors along the first axis, `[k, B, d]`, so that appending a vector copies a single block
// of memory.

/** Returns the inner products of each row with its own vectors, `[k, B, d], [B, d] -> [k, B]`. */
const dots = (stack: Tensor, x: Tensor): Tensor => sum(mul(stack, x), 2);

/** Returns the weighted sum of each row's vectors, `[k, B, d], [k, B] -> [B, d]`. */
const combine = (stack: Tensor, weights: Tensor): Tensor => sum(mul(stack, reshape(weights, [...weights.shape, 1])), 0);

/** Appends a vector `[B, d]` to a stack. If the stack is undefined, returns a stack that contains only the vector. */
const appended = (stack: Tensor | undefined, x: Tensor): Tensor =>
  stack === undefined ? expandDims(x, 0) : concat([stack, expandDims(x, 0)], 0);
