import { cpu } from '@impflow/backend-cpu';
import {
  defineBijector,
  offTape,
  recording,
  scoped,
  type Bijector,
  type Context,
  type Transformed,
} from '@impflow/core';
import { implicitBlock } from '@impflow/flows';
import { iterativeAdjoint, type AdjointSolver } from '@impflow/solvers';
import { ripple, testBijector } from '@impflow/testkit';
import {
  abs,
  add,
  cast,
  clipByValue,
  div,
  exp,
  greater,
  keep,
  log,
  max,
  mean,
  min,
  mul,
  neg,
  notEqual,
  onesLike,
  slice,
  sqrt,
  square,
  step,
  sub,
  sum,
  tanh,
  tensor,
  tensor1d,
  variable,
  where,
  zeros,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { valueWithGradient } from './value-with-gradient.ts';
import { wave } from './wave.ts';

type Change = (transformed: Transformed) => Partial<Transformed>;

/** Makes a block whose gradients come from the implicit function theorem. */
const block = (adjoint: AdjointSolver = iterativeAdjoint()): Bijector =>
  implicitBlock({
    gx: ripple({ event: [2], slope: 0.6 }),
    gz: ripple({ event: [2], slope: 0.4, weight: [0.3, -0.5, 0.6, 0.2] }),
    adjoint,
  });
const changed = ({
  forward = () => ({}),
  inverse = () => ({}),
}: {
  readonly forward?: Change;
  readonly inverse?: Change;
}): Bijector => {
  const sound = wave();
  const apply = (transformed: Transformed, change: Change): Transformed => ({ ...transformed, ...change(transformed) });
  return defineBijector({
    ...sound,
    forwardWithLogDet: (x, context) => apply(sound.forwardWithLogDet(x, context), forward),
    inverseWithLogDet: (z, context) => apply(sound.inverseWithLogDet(z, context), inverse),
    forward: (x, context) => apply(sound.forwardWithLogDet(x, context), forward).value,
    inverse: (z, context) => apply(sound.inverseWithLogDet(z, context), inverse).value,
  });
};
const wrongSign: AdjointSolver = {
  name: 'the wrong sign',
  solve: (residual, rhs, onEnd) => {
    const solved = iterativeAdjoint().solve(residual, rhs, onEnd);
    const value = neg(solved.value);
    solved.value.dispose();
    return { ...solved, value };
  },
};

const bijectors: Readonly<Record<string, () => Bijector>> = {
  sound: wave,
  'sound and implicit': () => block(),
  'an adjoint of the wrong sign': () => block(wrongSign),
  // The error is in both directions, so that the sum of the two log-determinants is right.
  'a log-determinant off by 1e-3': () =>
    changed({
      forward: ({ logDet }) => ({ logDet: add(logDet, 1e-3) }),
      inverse: ({ logDet }) => ({ logDet: add(logDet, -1e-3) }),
    }),
  'a log-determinant of forward off by 3e-4': () =>
    changed({ forward: ({ logDet }) => ({ logDet: add(logDet, 3e-4) }) }),
  'a log-determinant of forward off by 1e-3': () =>
    changed({ forward: ({ logDet }) => ({ logDet: add(logDet, 1e-3) }) }),
  'a log-determinant of the inverse with the wrong sign': () =>
    changed({ inverse: ({ logDet }) => ({ logDet: neg(logDet) }) }),
  'an inverse off by 1e-3': () => changed({ inverse: ({ value }) => ({ value: mul(1.001, value) }) }),
  'a gradient of the wrong sign': () =>
    changed({ forward: ({ value }) => ({ value: valueWithGradient(value, neg(value)) }) }),
  'a log-determinant without a gradient': () =>
    changed({ forward: ({ logDet }) => ({ logDet: valueWithGradient(logDet, mul(0, logDet)) }) }),
  'a parameter without a gradient': () => {
    const sound = wave();
    return { ...sound, parameters: { ...sound.parameters, idle: variable(tensor1d([1])) } };
  },
  'an inverse clipped at four standard deviations': () =>
    changed({ inverse: ({ value }) => ({ value: clipByValue(value, -4, 4) }) }),
  'forward clipped at 30': () => {
    const sound = wave();
    const clipped = (x: Tensor): Tensor => clipByValue(x, -30, 30);
    return defineBijector({
      ...sound,
      forwardWithLogDet: (x, context) => sound.forwardWithLogDet(clipped(x), context),
      forward: (x, context) => sound.forward(clipped(x), context),
    });
  },
  'a log-determinant of zero beyond four standard deviations': () => {
    const sound = wave();
    const within = (x: Tensor): Tensor => step(sub(4, max(abs(x), 1)));
    return defineBijector({
      ...sound,
      forwardWithLogDet: (x, context) => {
        const { value, logDet } = sound.forwardWithLogDet(x, context);
        return { value, logDet: mul(logDet, within(x)) };
      },
      inverseWithLogDet: (z, context) => {
        const { value, logDet } = sound.inverseWithLogDet(z, context);
        return { value, logDet: mul(logDet, within(value)) };
      },
    });
  },
  // The log-determinant is correct at the initial parameter.
  'a log-determinant for the initial parameter only': () => {
    const [sound, scale] = [wave(), variable(tensor1d([0.3]))];
    const forward = (x: Tensor, context: Context): Transformed => {
      const { value, logDet } = sound.forwardWithLogDet(x, context);
      return { value: mul(exp(scale), value), logDet: add(logDet, 0.6) };
    };
    const inverse = (z: Tensor, context: Context): Transformed => {
      const { value, logDet } = sound.inverseWithLogDet(mul(exp(neg(scale)), z), context);
      return { value, logDet: sub(logDet, 0.6) };
    };
    return defineBijector({
      ...sound,
      parameters: { ...sound.parameters, scale },
      forwardWithLogDet: forward,
      inverseWithLogDet: inverse,
      forward: (x, context) => forward(x, context).value,
      inverse: (z, context) => inverse(z, context).value,
    });
  },
  'forward differs from forwardWithLogDet': () => {
    const sound = wave();
    return { ...sound, forward: (x, context) => scoped(() => add(sound.forward(x, context), 1e-3)) };
  },
  'mixes rows': () => changed({ forward: ({ value }) => ({ value: add(value, mul(1e-3, mean(value, 0, true))) }) }),
  'spreads NaN': () => changed({ forward: ({ logDet }) => ({ logDet: add(logDet, mul(0, sum(logDet))) }) }),
  'leaks a tensor': () =>
    changed({
      forward: ({ value }) => {
        keep(value.clone());
        return {};
      },
    }),
  'accepts any shape': () => {
    const sound = wave();
    return {
      ...sound,
      forward: (x, context) => (x.shape.length === 2 && x.shape[1] === 2 ? sound.forward(x, context) : x.clone()),
    };
  },
};

/** Bijectors that are wrong only in training, for special points, or after many calls. */
const rarely: Readonly<Record<string, () => Bijector>> = {
  'a log-determinant averaged in training': () =>
    inContext((transformed, { train }) =>
      train === true ? { logDet: add(mul(0, transformed.logDet), mean(transformed.logDet)) } : {},
    ),
  'a single row in training': () =>
    inContext(({ value, logDet }, { train }) =>
      train === true && logDet.size === 1 ? { value: mul(1.01, value) } : {},
    ),
  'a log-determinant off by a thousandth from the 41st call on': () => {
    let calls = 0;
    return inContext(({ logDet }) => (++calls > 40 ? { logDet: mul(1.001, logDet) } : {}));
  },
  'a log-determinant of zero where an entry is zero': () =>
    inContext(({ logDet }, _context, x) => ({
      logDet: mul(
        logDet,
        offTape(() => min(cast(notEqual(x, 0), 'float32'), 1)),
      ),
    })),
  'values rounded to 8e-6': () => inContext(({ value }) => ({ value: sub(add(value, 100), 100) })),
  'mixes rows above 200 rows': () =>
    inContext(({ value }) => (value.shape[0]! > 200 ? { value: add(value, mul(1e-3, mean(value, 0, true))) } : {})),
};

/**
 * Returns the planar map `x -> a x` with one factor where x is positive, and another where x is negative. `positive`
 * says where x is positive.
 */
const planar = (positive: (x: Tensor) => Tensor): Bijector => {
  const [up, down] = [variable(tensor1d([0.4])), variable(tensor1d([-0.2]))];
  const rates = (x: Tensor): Tensor => {
    const sides = positive(x);
    return where(sides, mul(up, onesLike(x)), mul(down, onesLike(x)));
  };
  return defineBijector({
    name: 'planar',
    shape: [2],
    parameters: { up, down },
    forwardWithLogDet: (x) => ({ value: mul(x, exp(rates(x))), logDet: sum(rates(x), 1) }),
    inverseWithLogDet: (z) => ({ value: mul(z, exp(neg(rates(z)))), logDet: neg(sum(rates(z), 1)) }),
  });
};
const planars: Readonly<Record<string, () => Bijector>> = {
  'sound with a comparison off the tape': () => planar((x) => offTape(() => greater(x, 0))),
  'a comparison on the tape': () => planar((x) => greater(x, 0)),
};

/** Returns a correct bijector with a change that depends on the arguments of the call. */
function inContext(change: (transformed: Transformed, context: Context, x: Tensor) => Partial<Transformed>): Bijector {
  const sound = wave();
  return defineBijector({
    name: sound.name,
    shape: sound.shape,
    parameters: sound.parameters,
    forwardWithLogDet: (x, context) => {
      const transformed = sound.forwardWithLogDet(x, context);
      return { ...transformed, ...change(transformed, context, x) };
    },
    inverseWithLogDet: (z, context) => {
      const transformed = sound.inverseWithLogDet(z, context);
      return { ...transformed, ...change(transformed, context, transformed.value) };
    },
  });
}

/** Returns a bijector `exp(tanh(c_0)) wave(x) + c_1`. `seen` is applied to the condition. */
const conditional = (seen: (condition: Tensor) => Tensor): Bijector => {
  const sound = wave();
  const parts = ({ condition }: Context): readonly [rate: Tensor, shift: Tensor] => {
    const c = seen(condition!);
    return [tanh(slice(c, [0, 0], [-1, 1])), slice(c, [0, 1], [-1, 1])];
  };
  return defineBijector({
    name: sound.name,
    shape: sound.shape,
    parameters: sound.parameters,
    forwardWithLogDet: (x, context) => {
      const [rate, shift] = parts(context);
      const { value, logDet } = sound.forwardWithLogDet(x, context);
      return { value: add(mul(value, exp(rate)), shift), logDet: add(logDet, mul(2, sum(rate, 1))) };
    },
    inverseWithLogDet: (z, context) => {
      const [rate, shift] = parts(context);
      const { value, logDet } = sound.inverseWithLogDet(mul(sub(z, shift), exp(neg(rate))), context);
      return { value, logDet: sub(logDet, mul(2, sum(rate, 1))) };
    },
  });
};
/** Returns a function that remembers its last result, by the argument only. */
const remembering = (of: (condition: Tensor) => Tensor): ((condition: Tensor) => Tensor) => {
  let last: { readonly condition: Tensor; readonly result: Float32Array; readonly shape: number[] } | undefined;
  return (condition) => {
    if (recording()) return of(condition);
    if (last?.condition !== condition) {
      const result = of(condition);
      // Numbers, not tensors: nothing leaks.
      last = { condition, result: result.dataSync().slice() as Float32Array, shape: result.shape };
    }
    return tensor(last.result, last.shape);
  };
};
/** Returns the bijector `x + w c_0`, with a learned `w`. `remember` is applied to the shift. */
const shifted = (remember: (of: (condition: Tensor) => Tensor) => (condition: Tensor) => Tensor): Bijector => {
  const [w, a] = [variable(tensor1d([0.5])), variable(tensor1d([0.3]))];
  const shift = remember((condition) => mul(w, slice(condition, [0, 0], [-1, 1])));
  const logDets = (x: Tensor): Tensor => sum(mul(a, onesLike(x)), 1);
  return defineBijector({
    name: 'shifted',
    shape: [2],
    parameters: { w, a },
    forwardWithLogDet: (x, { condition }) => ({ value: add(mul(exp(a), x), shift(condition!)), logDet: logDets(x) }),
    inverseWithLogDet: (z, { condition }) => ({
      value: mul(exp(neg(a)), sub(z, shift(condition!))),
      logDet: neg(logDets(z)),
    }),
  });
};
const conditionals: Readonly<Record<string, () => Bijector>> = {
  'sound with a condition': () => conditional((condition) => condition),
  'no gradient to the condition': () => conditional((condition) => valueWithGradient(condition, mul(0, condition))),
  'remembers its condition': () => shifted(remembering),
};

/** Returns the bijector `z = e^w x sqrt(1 + |x|^2)`. `size` returns the absolute value. */
const stretched = (size: (x: Tensor) => Tensor): Bijector => {
  const w = variable(zeros([2]));
  const logDet = (q: Tensor): Tensor => sum(add(w, sub(log(add(1, mul(2, q))), mul(0.5, log(add(1, q))))), 1);
  return defineBijector({
    name: 'stretched',
    shape: [2],
    parameters: { w },
    forwardWithLogDet: (x) => {
      const q = square(size(x));
      return { value: mul(exp(w), mul(x, sqrt(add(1, q)))), logDet: logDet(q) };
    },
    inverseWithLogDet: (z) => {
      const y = mul(exp(neg(w)), z);
      const p = square(size(y));
      // q (1 + q) = p, without cancellation.
      const q = div(mul(2, p), add(1, sqrt(add(1, mul(4, p)))));
      return { value: div(y, sqrt(add(1, q))), logDet: neg(logDet(q)) };
    },
  });
};
/** Returns the bijector `z = e^w x (1 + |x|)`, whose log-determinant has a kink at 0. */
const bent = (): Bijector => {
  const w = variable(zeros([2]));
  const logDet = (x: Tensor): Tensor => sum(add(w, log(add(1, mul(2, abs(x))))), 1);
  return defineBijector({
    name: 'bent',
    shape: [2],
    parameters: { w },
    forwardWithLogDet: (x) => ({ value: mul(exp(w), mul(x, add(1, abs(x)))), logDet: logDet(x) }),
    inverseWithLogDet: (z) => {
      const y = mul(exp(neg(w)), z);
      const x = div(mul(2, y), add(1, sqrt(add(1, mul(4, abs(y))))));
      return { value: x, logDet: neg(logDet(x)) };
    },
  });
};
const atZero: Readonly<Record<string, () => Bijector>> = {
  'sound and stretched': () => stretched(abs),
  // The gradient of the root at 0 is 0 / 0.
  'a gradient of NaN at zero': () => stretched((x) => sqrt(square(x))),
};

for (const [name, make] of Object.entries({ ...bijectors, ...rarely, ...planars, ...atZero }))
  testBijector({ name, make, backends: [cpu()] });
for (const [name, make] of Object.entries(conditionals)) testBijector({ name, make, context: 2, backends: [cpu()] });
testBijector({ name: 'sound with a kink at zero', make: bent, kinks: true, backends: [cpu()] });
