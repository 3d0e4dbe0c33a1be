import {
  abs,
  add,
  div,
  exp,
  greater,
  less,
  lessEqual,
  log,
  log1p,
  logicalOr,
  maximum,
  mul,
  neg,
  onesLike,
  softplus,
  sqrt,
  square,
  sub,
  tanh,
  tensor1d,
  where,
  zerosLike,
  type Tensor,
} from '@tensorflow/tfjs-core';
import type { RoundedMap } from './column-map.ts';

/** Result of a map for columns `[B, k]`. The result is computed without recording gradients. */
export interface Piece {
  /** Values of the map at the columns. */
  readonly value: Tensor;
  /** Derivatives of the values. */
  readonly slope: Tensor;
  /** Logarithm of `slope`, without the logarithm of the width or the scale, which is the same for all rows. */
  readonly logSlope: Tensor;
  /** Derivative of `logSlope`. */
  readonly bend: Tensor;
}

/** One kind of map in one direction, applied to columns `[B, k]`. The function records no gradients. */
export type Direction = (x: Tensor) => Piece;

/** A map and its inverse, as functions on columns. */
export interface Directions {
  readonly forward: Direction;
  readonly inverse: Direction;
}

/** A map and the index of its column. */
export type Placed<K extends RoundedMap['map']> = Extract<RoundedMap, { readonly map: K }> & {
  readonly column: number;
};

/** The identity map, used as the map and as its inverse. */
export const same: Direction = (x) => ({
  // Return a clone, because tfjs would treat the input itself as a new tensor.
  value: x.clone(),
  slope: onesLike(x),
  logSlope: zerosLike(x),
  bend: zerosLike(x),
});

/**
 * Returns a function that makes a row tensor with one constant per column. The tensor is made for each call, because a
 * stored tensor would belong to one backend.
 */
const row = <T>(maps: readonly T[], of: (map: T) => number): (() => Tensor) => {
  const numbers = Float32Array.from(maps, of);
  return () => tensor1d(numbers);
};

// `atLeast` and `atMost` compare and select instead of calling maximum and minimum: NaN must stay NaN, and on some
// backends maximum and minimum drop NaN.
const atLeast = (x: Tensor, low: Tensor): Tensor => where(less(x, low), low, x);
const atMost = (x: Tensor, high: Tensor): Tensor => where(greater(x, high), high, x);

/**
 * Makes `value` and `logSlope` NaN where `bounded` is NaN, because some GPUs return a number for the logarithm of NaN.
 * `bounded` is never infinite.
 */
const keepingNaN = (bounded: Tensor, { value, logSlope, ...piece }: Piece): Piece => {
  const zero = mul(bounded, 0);
  return { ...piece, value: add(value, zero), logSlope: add(logSlope, zero) };
};

/**
 * Returns the piece with density 0 and zero gradients where `outside` is true, and with NaN where {@link keepingNaN}
 * sets NaN.
 */
const supported = (outside: Tensor, bounded: Tensor, { value, slope, logSlope, bend }: Piece): Piece =>
  keepingNaN(bounded, {
    value,
    slope: where(outside, 0, slope),
    logSlope: where(outside, -Infinity, logSlope),
    bend: where(outside, 0, bend),
  });

/** Returns the map `log(x - lower)` and its inverse. */
export const logs = (maps: readonly Placed<'log'>[]): Directions => {
  const lower = row(maps, (map) => map.lower);
  const near = row(maps, (map) => map.near);
  const far = row(maps, (map) => map.far);
  const first = row(maps, (map) => map.first);
  const least = row(maps, (map) => Math.log(map.near));
  const most = row(maps, (map) => Math.log(map.far));
  return {
    forward: (x) => {
      const distance = sub(x, lower());
      const a = atMost(atLeast(distance, near()), far());
      const value = log(a);
      const slope = div(1, a);
      return supported(logicalOr(lessEqual(distance, 0), greater(distance, far())), a, {
        value,
        slope,
        logSlope: neg(value),
        bend: neg(slope),
      });
    },
    inverse: (z) => {
      const logSlope = atMost(atLeast(z, least()), most());
      const slope = exp(logSlope);
      return keepingNaN(logSlope, { value: atLeast(add(slope, lower()), first()), slope, logSlope, bend: onesLike(z) });
    },
  };
};

/** Returns the map `log((x - lower) / (upper - x))` and its inverse. */
export const logits = (maps: readonly Placed<'logit'>[]): Directions => {
  const lower = row(maps, (map) => map.lower);
  const upper = row(maps, (map) => map.upper);
  const width = row(maps, (map) => map.width);
  const near = row(maps, (map) => map.near);
  const first = row(maps, (map) => map.first);
  const last = row(maps, (map) => map.last);
  const most = row(maps, (map) => -Math.log(map.near));
  return {
    forward: (x) => {
      // Each distance is the difference of x and a bound, so no digits cancel near that bound.
      const [below, above] = [sub(x, lower()), sub(upper(), x)];
      const share = (distance: Tensor): Tensor => atMost(atLeast(div(distance, width()), near()), onesLike(distance));
      const [u, v] = [share(below), share(above)];
      const [toLower, toUpper] = [div(div(1, u), width()), div(div(1, v), width())];
      return supported(logicalOr(lessEqual(below, 0), lessEqual(above, 0)), u, {
        value: log(div(u, v)),
        slope: add(toLower, toUpper),
        logSlope: neg(log(mul(u, v))),
        bend: sub(toUpper, toLower),
      });
    },
    inverse: (z) => {
      const size = atMost(abs(z), most());
      const e = exp(neg(size));
      // Distance to the nearer bound, as a fraction of the width.
      const part = div(e, add(1, e));
      const step = mul(width(), part);
      const value = where(greater(z, 0), sub(upper(), step), add(lower(), step));
      return keepingNaN(size, {
        value: atMost(atLeast(value, first()), last()),
        slope: div(step, add(1, e)),
        logSlope: neg(add(size, mul(2, softplus(neg(size))))),
        bend: neg(tanh(mul(0.5, z))),
      });
    },
  };
};

/** Returns the map `asinh((x - center) / scale)` and its inverse. */
export const asinhs = (maps: readonly Placed<'asinh'>[]): Directions => {
  const center = row(maps, (map) => map.center);
  const scale = row(maps, (map) => map.scale);
  const far = row(maps, (map) => map.far);
  const most = row(maps, (map) => Math.asinh(map.far));
  const signed = (size: Tensor, x: Tensor): Tensor => where(less(x, 0), neg(size), size);
  return {
    forward: (x) => {
      const t = div(sub(x, center()), scale());
      const m = atMost(abs(t), far());
      // sqrt(1 + m^2), without overflow of the square: for m above 1e8 the root equals m in float32.
      const some = where(greater(m, 1e8), 1e8, m);
      const root = sqrt(add(1, square(some)));
      const whole = maximum(root, m);
      const slope = div(div(1, whole), scale());
      return supported(greater(abs(t), far()), m, {
        // asinh m = log1p(m + m^2 / (1 + sqrt(1 + m^2))): no digits cancel.
        value: signed(log1p(add(m, mul(m, div(some, add(1, root))))), t),
        slope,
        logSlope: neg(log(whole)),
        bend: signed(neg(mul(div(some, root), slope)), t),
      });
    },
    inverse: (z) => {
      const size = atMost(abs(z), most());
      const cosh = mul(0.5, add(exp(size), exp(neg(size))));
      const bend = tanh(signed(size, z));
      const slope = mul(cosh, scale());
      return keepingNaN(size, {
        value: add(mul(bend, slope), center()),
        slope,
        logSlope: sub(add(size, softplus(mul(-2, size))), Math.LN2),
        bend,
      });
    },
  };
};
