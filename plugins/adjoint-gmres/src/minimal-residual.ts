import { add, cast, div, greater, less, lessEqual, logicalAnd, logicalNot, logicalOr, maximum, minimum, mul, ones, reshape, sub, where, zeros, zerosLike, type Tensor } from '@tensorflow/tfjs-core';
import { sampleNorm, type Iterate, type Solver, type TensorMap } from '@impflow/core';
import { combine, dots, joined, rowDot } from './rows.ts';

export interface MinimalResidualState extends Iterate {
  /** The best of the sample's space, or the point that it looks at, `[B, d]`. */
  readonly here: Tensor;
  /** `b - A u` of the best of the space, `[B, d]`: kept up by recurrence between two looks. */
  readonly gap: Tensor;
  /** Length of `gap`, `[B]`. */
  readonly size: Tensor;
  /** What `A` is applied to next, `[B, d]`: a unit vector that enters the space, or the point to look at. */
  readonly probe: Tensor;
  /** Bool, `[B]`: which of the two. */
  readonly looking: Tensor;
  /** `null` right after a restart. */
  readonly space: Space | null;
}

/** What the samples have searched since the last restart. */
interface Space {
  /** `P`, `[k, B, d]`: spans the Krylov space. */
  readonly searched: Tensor;
  /** `A P`, orthonormal for each sample, `[k, B, d]`; zero where a sample looked. */
  readonly images: Tensor;
}

export interface MinimalResidualOptions {
  /** Vectors of a space, at most. */
  readonly restart: number;
  /** A sample is done when its residual is at most `rtol (1 + |u|)`. */
  readonly rtol: number;
}

/**
 * GMRES as a step machine for the affine map `F(u) = A u - b`, `b [B, d]`, from `u = 0`: after `k` products `|b - A u|` is least over the Krylov space of `k`
 * dimensions. It keeps an orthonormal basis of `A` times that space, not of the space: so iterate and residual are there after every step, and there is no Hessenberg
 * matrix to factor sample by sample. The next vector is the residual where the last step made it smaller, else the last image, which cannot stall.
 *
 * A recurrence says what the residual should be, and float32 lets it drift. So a sample that should be done, or whose space takes in no more, spends a product on a look:
 * at `u + (b - A u)`, one step of fixed-point iteration further where that is a gain, whose residual the product then tells. Until it has looked, a sample shows a residual
 * above its tolerance. A look that disappoints costs its product: the space stays, and takes away what it can of the gap that was seen.
 *
 * @remarks One product per step: `5 k` vector operations beside it, and `2 k` vectors of memory for each sample.
 * @see Saad and Schultz, GMRES, SIAM J. Sci. Stat. Comput. 7, 1986. Walker and Zhou, A simpler GMRES, Numer. Linear Algebra Appl. 1, 1994. Jiranek and Rozloznik, Adaptive
 * version of simpler GMRES, Numer. Algorithms 53, 2010: the choice of the next vector.
 */
export const minimalResidual = (b: Tensor, { restart, rtol }: MinimalResidualOptions): Solver<MinimalResidualState> => {
  const [batch, dim] = b.shape as [number, number];
  const most = Math.min(restart, dim);

  const step = (f: TensorMap, { here, gap, size, probe, looking, space }: MinimalResidualState): MinimalResidualState => {
    // As factors: a row that is not finite is so for good, and every other can be weighed.
    const looks = factor(looking);
    const searches = sub(1, looks);
    const difference = f(probe);
    const image = add(difference, b);
    // The image of the probe, or the gap there.
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
    // What fixed-point iteration leaves of a vector: `|(I - A) probe|`.
    const slope = where(looking, ones([batch]), sampleNorm(sub(probe, image)));
    const looksNext = logicalOr(lessEqual(mul(length, minimum(1, mul(CAUTION, slope))), tolerance), logicalNot(logicalOr(looking, found)));
    const full = (space?.images.shape[0] ?? 0) + 1 === most;
    const fell = logicalOr(looking, lessEqual(length, mul(FALL, size)));
    const nextHere = add(best, mul(factor(logicalAnd(looksNext, less(slope, 1))), left));
    const direction = full ? unit(left, length) : add(mul(column(inverse(length, logicalAnd(fell, greater(length, 0)))), left), mul(factor(logicalNot(fell)), w));
    const looksThere = factor(looksNext);
    return {
      value: where(reshape(looking, [-1, 1]), here, best),
      residual: where(looking, seen, maximum(length, mul(UNSEEN, tolerance))),
      here: nextHere, gap: left, size: length,
      probe: add(mul(looksThere, nextHere), mul(sub(1, looksThere), direction)),
      looking: looksNext,
      space: full ? null : { searched: joined(space?.searched, p), images: joined(space?.images, w) },
    };
  };
  return Object.freeze<Solver<MinimalResidualState>>({
    name: 'gmres',
    problem: 'root',
    init: (f) => {
      const [zero, size] = [zerosLike(b), sampleNorm(b)];
      return step(f, { value: zero, residual: size, here: zero, gap: b, size, probe: unit(b, size), looking: zeros([batch], 'bool'), space: null });
    },
    step,
  });
};

/** The share of its residual that a step must leave at most for the residual to be searched along next. Nearer to one, it hardly differs from what was searched. */
const FALL = 0.9;
/** A slope is taken for so many times what it was for the vector before. */
const CAUTION = 1.5;
/** Shown of a sample that has not looked, as a multiple of its tolerance. */
const UNSEEN = 1.001;
/** An image that keeps no larger share of its length outside the space is rounding. */
const ROUNDING = 1e-6;

/**
 * `x [B, d]` without its part along the images, and that part of the space whose image was taken away. Gram-Schmidt twice: once leaves float32 short of orthogonal.
 */
const parted = (x: Tensor, space: Space | null): { readonly rest: Tensor; readonly moved: Tensor } => {
  if (space === null) return { rest: x, moved: zerosLike(x) };
  const first = dots(space.images, x);
  const once = sub(x, combine(space.images, first));
  const second = dots(space.images, once);
  return { rest: sub(once, combine(space.images, second)), moved: combine(space.searched, add(first, second)) };
};

/** One where a flag is set, zero where it is not, `[B] -> [B, 1]`. */
const factor = (flags: Tensor): Tensor => column(cast(flags, 'float32'));

const column = (x: Tensor): Tensor => reshape(x, [-1, 1]);

/** `1 / size` where `usable`, zero elsewhere, `[B]`. */
const inverse = (size: Tensor, usable: Tensor): Tensor => where(usable, div(1, size), zerosLike(size));

/** Rows of length one, `size` being their lengths; zero where they are. */
const unit = (x: Tensor, size: Tensor): Tensor => mul(column(inverse(size, greater(size, 0))), x);
