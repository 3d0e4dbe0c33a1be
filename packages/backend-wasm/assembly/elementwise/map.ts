import { abnormal, abnormality, logarithm, logarithmOfAny, logarithmOnePlusAny } from './logarithm';
import { beyondNormal, exponential, exponentialMinusOne, exponentialMinusOneOfAny, exponentialOfAny } from './exponential';
import { beyondReduction, cosine, cosineOfAny, sine, sineOfAny } from './sine';
import { copySign, signOf } from './bits';
import { errorFunction, exponentialLinear, hyperbolicTangent, logistic, softplusOf } from './sigmoidal';

const SIN = 0, COS = 1, EXP = 2, EXPM1 = 3, LOG = 4, TANH = 5, SIGMOID = 6, SOFTPLUS = 7, ERF = 8, ELU = 9, LOG1P = 10, SIGN = 11;

/**
 * Bytes per block. After each block, the function searches for lanes that need the slow path, while the inputs are
 * still in the first-level cache.
 */
const BLOCK: usize = 2048;

export function sin(x: usize, y: usize, n: usize, scratch: usize): void { map(SIN, x, y, n, scratch); }
export function cos(x: usize, y: usize, n: usize, scratch: usize): void { map(COS, x, y, n, scratch); }
export function exp(x: usize, y: usize, n: usize, scratch: usize): void { map(EXP, x, y, n, scratch); }
export function expm1(x: usize, y: usize, n: usize, scratch: usize): void { map(EXPM1, x, y, n, scratch); }
export function log(x: usize, y: usize, n: usize, scratch: usize): void { map(LOG, x, y, n, scratch); }
export function tanh(x: usize, y: usize, n: usize, scratch: usize): void { map(TANH, x, y, n, scratch); }
export function sigmoid(x: usize, y: usize, n: usize, scratch: usize): void { map(SIGMOID, x, y, n, scratch); }
export function softplus(x: usize, y: usize, n: usize, scratch: usize): void { map(SOFTPLUS, x, y, n, scratch); }
export function erf(x: usize, y: usize, n: usize, scratch: usize): void { map(ERF, x, y, n, scratch); }
export function elu(x: usize, y: usize, n: usize, scratch: usize): void { map(ELU, x, y, n, scratch); }
export function log1p(x: usize, y: usize, n: usize, scratch: usize): void { map(LOG1P, x, y, n, scratch); }
export function sign(x: usize, y: usize, n: usize, scratch: usize): void { map(SIGN, x, y, n, scratch); }

/**
 * `y = f(x)` for `n > 0` floats. `op` is a constant, so that each export has a separate loop without branches. A block
 * is computed by the fast formulas. If one of its lanes needs the complete formulas, the whole block is recomputed by
 * the complete formulas. The result of an element does not depend on its neighbors. The last vector overlaps the vector
 * before it. Arrays of fewer than four elements are padded in `scratch` (32 bytes).
 */
// @ts-ignore: decorators of AssemblyScript
@inline
function map(op: i32, x: usize, y: usize, n: usize, scratch: usize): void {
  let from = x, to = y, end = n << 2;
  if (n < 4) {
    v128.store(scratch, f32x4.splat(1));
    memory.copy(scratch, x, end);
    from = scratch; to = scratch + 16; end = 16;
  }
  const pairs = end & ~31;
  for (let start: usize = 0; start < pairs; start += BLOCK) {
    const stop = min(start + BLOCK, pairs);
    let farthest = least(op);
    for (let at = start; at < stop; at += 32) {
      const v = v128.load(from + at), w = v128.load(from + at, 16);
      farthest = further(op, further(op, farthest, v), w);
      v128.store(to + at, fast(op, v));
      v128.store(to + at, fast(op, w), 16);
    }
    if (v128.any_true(beyond(op, farthest))) {
      for (let at = start; at < stop; at += 16) v128.store(to + at, complete(op, v128.load(from + at)));
    }
  }
  for (let next = pairs; next < end; next += 16) {
    const at = min(next, end - 16);
    v128.store(to + at, complete(op, v128.load(from + at)));
  }
  if (n < 4) memory.copy(y, to, n << 2);
}

// @ts-ignore: decorators of AssemblyScript
@inline
function fast(op: i32, v: v128): v128 {
  if (op == SIN) return sine(v);
  if (op == COS) return cosine(v);
  if (op == EXP) return exponential(v);
  if (op == EXPM1) return copySign(exponentialMinusOne(v), v);
  if (op == LOG) return logarithm(v);
  if (op == TANH) return hyperbolicTangent(v);
  if (op == SIGMOID) return logistic(v);
  if (op == SOFTPLUS) return softplusOf(v);
  if (op == ERF) return errorFunction(v);
  if (op == LOG1P) return logarithmOnePlusAny(v);
  if (op == SIGN) return signOf(v);
  return exponentialLinear(v);
}

// `least`, `further` and `beyond` compute an integer per element and keep the maximum over a block. `fast` is wrong for
// the elements whose integer exceeds a bound.

// @ts-ignore: decorators of AssemblyScript
@inline
function least(op: i32): v128 { return op == LOG ? i32x4.splat(i32.MIN_VALUE) : i32x4.splat(0); }

// @ts-ignore: decorators of AssemblyScript
@inline
function further(op: i32, farthest: v128, v: v128): v128 {
  // The bits of nonnegative floats, read as integers, have the same order as the floats. NaN is above all numbers.
  if (op == SIN || op == COS || op == EXP || op == EXPM1) return i32x4.max_s(farthest, f32x4.abs(v));
  if (op == LOG) return i32x4.max_s(farthest, abnormality(v));
  return farthest;
}

// @ts-ignore: decorators of AssemblyScript
@inline
function beyond(op: i32, farthest: v128): v128 {
  if (op == SIN || op == COS) return beyondReduction(farthest);
  if (op == EXP || op == EXPM1) return beyondNormal(farthest);
  if (op == LOG) return abnormal(farthest);
  return i32x4.splat(0);
}

/**
 * Computes the function by formulas that are correct for every number. The result equals the result of `fast` where
 * `fast` is correct.
 */
// @ts-ignore: decorators of AssemblyScript
@inline
function complete(op: i32, v: v128): v128 {
  if (op == SIN) return sineOfAny(v);
  if (op == COS) return cosineOfAny(v);
  if (op == EXP) return exponentialOfAny(v);
  if (op == EXPM1) return copySign(exponentialMinusOneOfAny(v), v);
  if (op == LOG) return logarithmOfAny(v);
  return fast(op, v);
}
