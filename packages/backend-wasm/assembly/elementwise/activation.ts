import { madd } from '../madd';
import { decay, fraction, power, shiftedExponent, vanishing } from './exponential';
import { lipSwish } from './lip-swish';
import { exponentialLinearGradient, hyperbolicTangent, logisticFrom, softplusFrom } from './sigmoidal';
import { negativeAbs } from './bits';

const SIN = 0, TANH = 1, SOFTPLUS = 2, ELU = 3, LIP_SWISH = 4, SNAKE = 5;

/** Computes the activation `sin(2 pi a) / (2 pi)` and its slope. */
export function sinSlope(a: usize, value: usize, slope: usize, n: usize, scratch: usize): void { map(SIN, a, value, slope, n, 1, 1, 1, scratch); }
/** Computes the activation snake, `a / 2 + sin(2 pi a) / (4 pi)`, and its slope. */
export function snakeSlope(a: usize, value: usize, slope: usize, n: usize, scratch: usize): void { map(SNAKE, a, value, slope, n, 1, 1, 1, scratch); }
export function tanhSlope(a: usize, value: usize, slope: usize, n: usize, scratch: usize): void { map(TANH, a, value, slope, n, 1, 1, 1, scratch); }
export function softplusSlope(a: usize, value: usize, slope: usize, n: usize, scratch: usize): void { map(SOFTPLUS, a, value, slope, n, 1, 1, 1, scratch); }
/**
 * Computes elu and celu: `a` with slope 1 if `a > 0`, else `alpha (e^(rate a) - 1)` with slope `steepness e^(rate a)`,
 * where `steepness = alpha rate`.
 */
export function eluSlope(a: usize, value: usize, slope: usize, n: usize, alpha: f32, rate: f32, steepness: f32, scratch: usize): void { map(ELU, a, value, slope, n, alpha, rate, steepness, scratch); }
/** Computes LipSwish, `a sigmoid(b a) / 1.1`, and its slope. `b` is the address of a number. */
export function lipSwishSlope(a: usize, b: usize, value: usize, slope: usize, n: usize, scratch: usize): void { map(LIP_SWISH, a, value, slope, n, load<f32>(b), 1, 1, scratch); }

/** Applies a function with two outputs to each element, like `map` in `map.ts`. `scratch` has 48 bytes. */
// @ts-ignore: decorators of AssemblyScript
@inline
function map(op: i32, a: usize, value: usize, slope: usize, n: usize, alpha: f32, rate: f32, steepness: f32, scratch: usize): void {
  let from = a, first = value, second = slope, end = n << 2;
  if (n < 4) {
    v128.store(scratch, f32x4.splat(1));
    memory.copy(scratch, a, end);
    from = scratch; first = scratch + 16; second = scratch + 32; end = 16;
  }
  const pairs = end & ~31;
  for (let at: usize = 0; at < pairs; at += 32) {
    const v = v128.load(from + at), w = v128.load(from + at, 16);
    apply(op, v, first + at, second + at, alpha, rate, steepness);
    apply(op, w, first + at + 16, second + at + 16, alpha, rate, steepness);
  }
  for (let next = pairs; next < end; next += 16) {
    const at = min(next, end - 16);
    apply(op, v128.load(from + at), first + at, second + at, alpha, rate, steepness);
  }
  if (n < 4) {
    memory.copy(value, first, n << 2);
    memory.copy(slope, second, n << 2);
  }
}

// @ts-ignore: decorators of AssemblyScript
@inline
function apply(op: i32, x: v128, value: usize, slope: usize, alpha: f32, rate: f32, steepness: f32): void {
  if (op == SIN) sine(x, value, slope);
  else if (op == SNAKE) snake(x, value, slope);
  else if (op == TANH) {
    const y = hyperbolicTangent(x);
    v128.store(value, y);
    v128.store(slope, f32x4.sub(f32x4.splat(1), f32x4.mul(y, y)));
  } else if (op == SOFTPLUS) {
    const z = decay(negativeAbs(x));
    v128.store(value, softplusFrom(x, z));
    v128.store(slope, logisticFrom(x, z));
  } else if (op == LIP_SWISH) lipSwish(x, value, slope, f32x4.splat(alpha));
  else elu(x, value, slope, f32x4.splat(alpha), f32x4.splat(rate), f32x4.splat(steepness));
}

// @ts-ignore: decorators of AssemblyScript
@inline
function sine(x: v128, value: usize, slope: usize): void {
  const r = f32x4.sub(x, f32x4.nearest(x));
  const u = f32x4.mul(r, r);
  const s = sineOfHalf(r, u);
  v128.store(value, f32x4.mul(s, cosineOfHalf(u)));
  const one = f32x4.splat(1), t = f32x4.add(s, s);
  v128.store(slope, f32x4.sub(one, f32x4.mul(s, t)));
}

/** The slope is `1 - s^2`, the square of the cosine of `pi r`. */
// @ts-ignore: decorators of AssemblyScript
@inline
function snake(x: v128, value: usize, slope: usize): void {
  const r = f32x4.sub(x, f32x4.nearest(x));
  const u = f32x4.mul(r, r);
  const s = sineOfHalf(r, u), half = f32x4.splat(0.5);
  v128.store(value, f32x4.mul(half, madd(s, cosineOfHalf(u), x)));
  v128.store(slope, f32x4.sub(f32x4.splat(1), f32x4.mul(s, s)));
}

/**
 * `s = sin(pi r)` for `r = x - round(x)` in `[-1/2, 1/2]` (exact) and `u = r^2`. With `c = cos(pi r)`,
 * `sin(2 pi x) / (2 pi) = s c / pi` with slope `1 - 2 s^2`. Minimax fits (Lawson) over `u`: `sin(pi r) / r` with
 * relative error 4e-8, `cos(pi r)` with 8e-8.
 */
// @ts-ignore: decorators of AssemblyScript
@inline
function sineOfHalf(r: v128, u: v128): v128 {
  let s = madd(u, f32x4.splat(0.07756038755178452), f32x4.splat(-0.5982421040534973));
  s = madd(s, u, f32x4.splat(2.550069808959961));
  s = madd(s, u, f32x4.splat(-5.167709827423096));
  return f32x4.mul(r, madd(s, u, f32x4.splat(3.1415927410125732)));
}

/** `cos(pi r) / pi`. */
// @ts-ignore: decorators of AssemblyScript
@inline
function cosineOfHalf(u: v128): v128 {
  let c = madd(u, f32x4.splat(0.07005385309457779), f32x4.splat(-0.42401865124702454));
  c = madd(c, u, f32x4.splat(1.2918450832366943));
  c = madd(c, u, f32x4.splat(-1.5707941055297852));
  return madd(c, u, f32x4.splat(0.31830987334251404));
}

// @ts-ignore: decorators of AssemblyScript
@inline
function elu(x: v128, value: usize, slope: usize, alpha: v128, rate: v128, steepness: v128): void {
  const one = f32x4.splat(1);
  const a = f32x4.pmax(f32x4.mul(x, rate), vanishing());
  const shifted = shiftedExponent(a), scale = power(shifted), m = fraction(a, shifted);
  const positive = f32x4.gt(x, f32x4.splat(0));
  v128.store(value, v128.bitselect(x, f32x4.mul(alpha, madd(scale, m, f32x4.sub(scale, one))), positive));
  v128.store(slope, v128.bitselect(one, f32x4.mul(steepness, madd(scale, m, scale)), positive));
}

/** Computes the gradient of elu from its value `y`: `dx` is `dy` times the slope. `scratch` has 48 bytes. */
export function eluGrad(dy: usize, y: usize, dx: usize, n: usize, scratch: usize): void {
  let first = dy, second = y, to = dx, end = n << 2;
  if (n < 4) {
    memory.copy(scratch, dy, end);
    memory.copy(scratch + 16, y, end);
    first = scratch; second = scratch + 16; to = scratch + 32; end = 16;
  }
  for (let next: usize = 0; next < end; next += 16) {
    const at = min(next, end - 16);
    v128.store(to + at, exponentialLinearGradient(v128.load(first + at), v128.load(second + at)));
  }
  if (n < 4) memory.copy(dx, to, n << 2);
}
