import { FlowError } from '@impflow/core';
import type { ColumnMap } from './spec.ts';

/**
 * Smallest distance between a number and a bound. Shorter distances are replaced by `NEAREST`, because the reciprocal
 * of a shorter distance could overflow in float32.
 */
const NEAREST = 1e-30;
/**
 * Largest distance from the bound or the center at which a number counts as inside the support. Sums and products of
 * distances up to 1e37 are finite in float32.
 */
const FARTHEST = 1e37;

/** A map whose constants are rounded to float32, with the limits of its input and of the result of its inverse. */
export type RoundedMap =
  | { readonly map: 'identity' }
  | {
      readonly map: 'log';
      readonly lower: number;
      /** Smallest and largest allowed value of `x - lower`. */
      readonly near: number;
      readonly far: number;
      /** The smallest value that the inverse returns. */
      readonly first: number;
    }
  | {
      readonly map: 'logit';
      readonly lower: number;
      readonly upper: number;
      readonly width: number;
      /** Smallest allowed distance from a bound, as a fraction of `width`. */
      readonly near: number;
      /** The smallest and the largest value that the inverse returns. */
      readonly first: number;
      readonly last: number;
    }
  | {
      readonly map: 'asinh';
      readonly center: number;
      readonly scale: number;
      /** Largest allowed value of `|x - center| / scale`. */
      readonly far: number;
    };

/**
 * Rounds the constants of the map of column `column` to float32 and computes its limits.
 *
 * @throws `option` for an unknown map, constants that are not finite or larger than 1e37, bounds with no float32 number
 * between them, or a scale that is not between 1e-30 and 1e30.
 */
export const roundedMap = (map: ColumnMap, column: number): RoundedMap => {
  const given: Partial<Record<string, unknown>> = typeof map === 'object' && map !== null ? { ...map } : {};
  const wrong = (expected: string, got: unknown, hint?: string): FlowError =>
    new FlowError('option', 'flows/columnMaps', `Wrong map of column ${column}`, {
      expected,
      got: String(JSON.stringify(got)).slice(0, 80),
      ...(hint === undefined ? {} : { hint }),
    });
  const constant = (name: string): number => {
    const value = given[name];
    if (typeof value !== 'number' || !(Math.abs(value) <= FARTHEST))
      throw wrong(`a number of at most ${FARTHEST} as ${name}`, value);
    return Math.fround(value);
  };
  switch (given['map']) {
    case 'identity':
      return { map: 'identity' };
    case 'log': {
      const lower = constant('lower');
      return { map: 'log', lower, near: NEAREST, far: FARTHEST, first: above(lower) };
    }
    case 'logit': {
      const [lower, upper] = [constant('lower'), constant('upper')];
      const [first, last] = [above(lower), -above(-upper)];
      const width = upper - lower;
      if (!(first < last))
        throw wrong(
          'a lower bound below the upper one, and float32 numbers between them',
          [given['lower'], given['upper']],
          'Subtract an offset from the column if the bounds are close to each other.',
        );
      return { map: 'logit', lower, upper, width, near: NEAREST * Math.max(1, 1 / width), first, last };
    }
    case 'asinh': {
      const [center, scale] = [constant('center'), constant('scale')];
      if (!(scale >= 1e-30 && scale <= 1e30)) throw wrong('a scale from 1e-30 to 1e30', given['scale']);
      return { map: 'asinh', center, scale, far: FARTHEST / Math.max(1, scale) };
    }
    default:
      throw wrong('{ map } with identity, log, logit or asinh', map);
  }
};

/** Returns the smallest float32 number above `x`, at a distance of at least `NEAREST`. */
const above = (x: number): number => Math.max(next(x), Math.fround(x + NEAREST));

/** Returns the float32 number after `x`, towards plus infinity. */
const next = (x: number): number => {
  const float = Float32Array.of(x);
  if (x === 0) return 2 ** -149;
  new Int32Array(float.buffer)[0]! += x > 0 ? 1 : -1;
  return float[0]!;
};

/** Value of a map at one number, and the logarithm of the slope of the map at this number. */
export interface MappedNumber {
  /** The value `z`. */
  readonly value: number;
  /** `log dz/dx`; `-Infinity` outside the support, where the density is 0. */
  readonly logSlope: number;
}

/**
 * Returns a {@link ColumnMap} as a function of one number in float64, on the host. Use this function for statistics of
 * mapped columns before a flow exists. The function has the support and the limits of {@link columnMaps}. Error
 * messages contain the index `column`.
 *
 * @throws `option` as {@link columnMaps} does.
 */
export const columnMapAt = (map: ColumnMap, column = 0): ((x: number) => MappedNumber) => {
  const rounded = roundedMap(map, column);
  switch (rounded.map) {
    case 'identity':
      return (x) => ({ value: x, logSlope: 0 });
    case 'log': {
      const { lower, near, far } = rounded;
      return (x) => {
        const value = Math.log(within(x - lower, near, far));
        return { value, logSlope: x - lower <= 0 || x - lower > far ? -Infinity : -value };
      };
    }
    case 'logit': {
      const { lower, upper, width, near } = rounded;
      return (x) => {
        const [u, v] = [within((x - lower) / width, near, 1), within((upper - x) / width, near, 1)];
        return {
          value: Math.log(u / v),
          logSlope: x <= lower || x >= upper ? -Infinity : -Math.log(u * v) - Math.log(width),
        };
      };
    }
    case 'asinh': {
      const { center, scale, far } = rounded;
      return (x) => {
        const t = (x - center) / scale;
        const bounded = within(t, -far, far);
        return {
          value: Math.asinh(bounded),
          logSlope: Math.abs(t) > far ? -Infinity : -Math.log(Math.hypot(1, bounded) * scale),
        };
      };
    }
  }
};

/**
 * Returns the inverse of {@link columnMapAt}: a function from `z` to `x`, in float64. As with the inverse of
 * {@link columnMaps}, results are never equal to a bound, even after rounding to float32.
 *
 * @throws `option` as {@link columnMaps} does.
 */
export const inverseColumnMapAt = (map: ColumnMap, column = 0): ((z: number) => number) => {
  const rounded = roundedMap(map, column);
  switch (rounded.map) {
    case 'identity':
      return (z) => z;
    case 'log': {
      const { lower, near, far, first } = rounded;
      return (z) => Math.max(lower + within(Math.exp(z), near, far), first);
    }
    case 'logit': {
      const { lower, upper, width, first, last } = rounded;
      // Each half of the interval is computed from the nearer bound, so that no digits are lost near a bound.
      return (z) => within(z < 0 ? lower + width / (1 + Math.exp(-z)) : upper - width / (1 + Math.exp(z)), first, last);
    }
    case 'asinh': {
      const { center, scale, far } = rounded;
      return (z) => center + scale * within(Math.sinh(z), -far, far);
    }
  }
};

/** Largest relative error of float32 arithmetic in the inverse of a map, at the limits of the map. */
const SLACK = 1e-5;

/**
 * Returns a function that tells whether a number `x` is at a limit of a map, where the inverse of the map saturates
 * because the exact number would overflow or underflow in float32. Bounds of `logit` are no limits.
 *
 * @throws `option` as {@link columnMaps} does.
 */
export const isAtLimit = (map: ColumnMap, column = 0): ((x: number) => boolean) => {
  const rounded = roundedMap(map, column);
  switch (rounded.map) {
    case 'identity':
    case 'logit':
      return () => false;
    case 'log': {
      const { lower, near, far } = rounded;
      // Around a bound other than 0, float32 numbers are further apart than `near`.
      return (x) => x - lower >= far * (1 - SLACK) || (lower === 0 && x <= near * (1 + SLACK));
    }
    case 'asinh': {
      const { center, scale, far } = rounded;
      return (x) => Math.abs(x - center) >= scale * far * (1 - SLACK);
    }
  }
};

const within = (x: number, low: number, high: number): number => Math.min(Math.max(x, low), high);
