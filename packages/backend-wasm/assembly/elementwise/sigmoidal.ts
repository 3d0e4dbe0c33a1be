import { madd } from '../madd';
import { copySign, negativeAbs } from './bits';
import { decay, decayMinusOne } from './exponential';
import { logarithmOnePlus } from './logarithm';

/** `tanh |x| = -q / (2 + q)` with `q = e^(-2 |x|) - 1`. The relative error is as small near 0 as elsewhere. */
// @ts-ignore: decorators of AssemblyScript
@inline
export function hyperbolicTangent(x: v128): v128 {
  const negative = negativeAbs(x);
  const q = decayMinusOne(f32x4.add(negative, negative));
  return copySign(f32x4.div(q, f32x4.add(q, f32x4.splat(2))), x);
}

/**
 * `s = 1 / (1 + e^-x)`, given `z = e^-|x|`: `f = z / (1 + z)` if `x` is negative, else `1 - f`. The subtraction rounds
 * a result near 1 only once. The product `s (1 - s)` needs this precision.
 */
// @ts-ignore: decorators of AssemblyScript
@inline
export function logisticFrom(x: v128, z: v128): v128 {
  const one = f32x4.splat(1);
  const f = f32x4.div(z, f32x4.add(z, one));
  return v128.bitselect(f32x4.sub(one, f), f, f32x4.ge(x, f32x4.splat(0)));
}

// @ts-ignore: decorators of AssemblyScript
@inline
export function logistic(x: v128): v128 { return logisticFrom(x, decay(negativeAbs(x))); }

/** `log(1 + e^x) = max(x, 0) + log(1 + z)`, given `z = e^-|x|`. */
// @ts-ignore: decorators of AssemblyScript
@inline
export function softplusFrom(x: v128, z: v128): v128 {
  return f32x4.add(f32x4.pmax(x, f32x4.splat(0)), logarithmOnePlus(z));
}

// @ts-ignore: decorators of AssemblyScript
@inline
export function softplusOf(x: v128): v128 { return softplusFrom(x, decay(negativeAbs(x))); }

/** `x` for `x >= 0`, else `e^x - 1`. */
// @ts-ignore: decorators of AssemblyScript
@inline
export function exponentialLinear(x: v128): v128 { return v128.bitselect(x, decayMinusOne(x), f32x4.ge(x, f32x4.splat(0))); }

/** `dy` times the slope of `exponentialLinear`, from its value `y`: 1 or `y + 1`. */
// @ts-ignore: decorators of AssemblyScript
@inline
export function exponentialLinearGradient(dy: v128, y: v128): v128 {
  return f32x4.mul(dy, f32x4.add(f32x4.pmin(y, f32x4.splat(0)), f32x4.splat(1)));
}

/** Smallest number for which `erf` is 1 in float32. */
const ERF_ONE: f32 = 3.925;

/**
 * `erf x = x P(u) / Q(u)` with `u = x^2`. Minimax fit (Lawson on the linearized quotient) of `erf x / x` over `u`,
 * relative error 5e-8; 3e-7 with the rounding of its evaluation.
 */
// @ts-ignore: decorators of AssemblyScript
@inline
export function errorFunction(x: v128): v128 {
  const bound = f32x4.splat(ERF_ONE), one = f32x4.splat(1);
  const magnitude = f32x4.abs(x);
  const a = f32x4.pmin(magnitude, bound);
  const u = f32x4.mul(a, a);
  let p = madd(u, f32x4.splat(1.986956021937658e-8), f32x4.splat(-1.9565934508136706e-6));
  p = madd(p, u, f32x4.splat(1.421713677700609e-4));
  p = madd(p, u, f32x4.splat(3.719174535945058e-3));
  p = madd(p, u, f32x4.splat(5.063118413090706e-2));
  p = madd(p, u, f32x4.splat(0.20036490261554718));
  p = madd(p, u, f32x4.splat(1.1283791065216064));
  let q = madd(u, f32x4.splat(9.599670302122831e-4), f32x4.splat(1.4390009455382824e-2));
  q = madd(q, u, f32x4.splat(0.1151798889040947));
  q = madd(q, u, f32x4.splat(0.5109003782272339));
  q = madd(q, u, one);
  const y = f32x4.div(f32x4.mul(a, p), q);
  return copySign(v128.bitselect(one, f32x4.pmin(y, one), f32x4.ge(magnitude, bound)), x);
}
