import { cpu } from '@impflow/backend-cpu';
import { wasm } from '@impflow/backend-wasm';
import {
  elementwise,
  lipSwish,
  sinActivation,
  tanhActivation,
  type Evaluated,
  type Layer,
  type LayerTrace,
} from '@impflow/lipschitz';
import { testActivation } from '@impflow/testkit';
import {
  abs,
  add,
  slice,
  concat,
  clipByValue,
  div,
  exp,
  greater,
  log,
  mean,
  mul,
  neg,
  reshape,
  sigmoid,
  sign,
  softplus,
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
  zerosLike,
  type Tensor,
} from '@tensorflow/tfjs-core';

interface Swish extends Evaluated {
  readonly a: Tensor;
  readonly s: Tensor;
}

interface Tall extends Evaluated {
  readonly t: Tensor;
  readonly unit: Tensor;
}

const swish = (a: Tensor): Swish => {
  const s = sigmoid(a);
  return { a, s, value: mul(a, s), slope: add(s, mul(a, sub(s, square(s)))) };
};
const bend = ({ a, s }: Swish): Tensor => mul(sub(s, square(s)), add(2, mul(a, sub(1, mul(2, s)))));

const activations: Readonly<Record<string, () => Layer>> = {
  sound: tanhActivation,
  // The slope of swish reaches 1.0998.
  'swish declared 1-Lipschitz': () =>
    elementwise<Swish>({ name: 'swish', lipschitz: 1, evaluate: swish, curvature: bend }),
  'a slope of the wrong sign': () =>
    elementwise({
      name: 'tanh',
      lipschitz: 1,
      evaluate: (a) => ({ value: tanh(a), slope: neg(sub(1, square(tanh(a)))) }),
      curvature: ({ value, slope }) => mul(-2, mul(value, slope)),
    }),
  'a forgotten curvature': () =>
    elementwise({ name: 'tanh', lipschitz: 1, evaluate: (a) => ({ value: tanh(a), slope: sub(1, square(tanh(a))) }) }),
  'a curvature of 0 beyond 4': () =>
    elementwise<Evaluated & { readonly a: Tensor }>({
      name: 'tanh',
      lipschitz: 1,
      evaluate: (a) => ({ a, value: tanh(a), slope: sub(1, square(tanh(a))) }),
      curvature: ({ a, value, slope }) => mul(step(sub(4, abs(a))), mul(-2, mul(value, slope))),
    }),
  'an exponential that overflows': () =>
    elementwise({
      name: 'softplus',
      lipschitz: 1,
      evaluate: (a) => ({ value: log(add(1, exp(a))), slope: sigmoid(a) }),
      curvature: ({ slope }) => sub(slope, square(slope)),
    }),
  // At 1e30 the square overflows, and the value is 0 instead of 1. The values 0 and 1 are both finite.
  'a square that overflows': () =>
    elementwise({
      name: 'softsign',
      lipschitz: 1,
      evaluate: (a) => {
        const [one, root] = [add(1, square(a)), sqrt(add(1, square(a)))];
        return { value: div(a, root), slope: div(1, mul(one, root)), a, one };
      },
      curvature: ({ a, one, slope }) => div(mul(mul(-3, a), slope), one),
    }),
  // The function is 1-Lipschitz only at the initial parameters.
  'a learned slope without a bound': () => {
    const height = variable(tensor1d([1]));
    return elementwise<Tall>({
      name: 'tall',
      lipschitz: 1,
      parameters: { height },
      evaluate: (a) => {
        const t = tanh(a);
        const unit = sub(1, square(t));
        return { t, unit, value: mul(height, t), slope: mul(height, unit) };
      },
      curvature: ({ t, slope }) => mul(-2, mul(t, slope)),
      parameterGradients: ({ t, unit }, u, moment) => [
        reshape(add(sum(mul(u, t)), moment === undefined ? 0 : sum(mul(moment, unit))), [1]),
      ],
    });
  },
  // The gradient is correct at the initial parameter. If the height is clipped, the gradient should be zero but is not.
  'a gradient beyond the bound of its parameter': () => {
    const height = variable(tensor1d([0.8]));
    const clipped = (): Tensor => clipByValue(height, 0, 1);
    return elementwise<Tall>({
      name: 'tall',
      lipschitz: 1,
      parameters: { height },
      evaluate: (a) => {
        const t = tanh(a);
        const unit = sub(1, square(t));
        return { t, unit, value: mul(clipped(), t), slope: mul(clipped(), unit) };
      },
      curvature: ({ t, slope }) => mul(-2, mul(t, slope)),
      parameterGradients: ({ t, unit }, u, moment) => [
        reshape(add(sum(mul(u, t)), moment === undefined ? 0 : sum(mul(moment, unit))), [1]),
      ],
    });
  },
  'NaN at zero': () =>
    elementwise({
      name: 'tanh',
      lipschitz: 1,
      evaluate: (a) => ({ value: div(mul(a, tanh(a)), a), slope: sub(1, square(tanh(a))) }),
      curvature: ({ value, slope }) => mul(-2, mul(value, slope)),
    }),
  'a lost NaN': () =>
    elementwise({
      name: 'relu',
      lipschitz: 1,
      evaluate: (a) => ({ value: where(greater(a, 0), a, zerosLike(a)), slope: step(a) }),
    }),
  // The slopes of the sine reach -1, so it is not monotone.
  'a sine declared monotone': () => ({ ...sinActivation(), monotone: true }),
  'slopes at the point of the last call': () => {
    const layer = tanhActivation();
    let last: LayerTrace;
    return { ...layer, trace: (x) => (last = layer.trace(x)), jvp: (_there, tangents) => layer.jvp(last, tangents) };
  },
  'slopes five percent too large above 40 entries': () =>
    elementwise({
      name: 'tanh',
      lipschitz: 1,
      evaluate: (a) => ({ value: tanh(a), slope: mul(a.shape.at(-1)! > 40 ? 1.05 : 1, sub(1, square(tanh(a)))) }),
      curvature: ({ value, slope }) => mul(-2, mul(value, slope)),
    }),
  'the identity from the 513th entry on': () => {
    const layer = tanhActivation();
    const value = (x: Tensor): Tensor => {
      const [rows, width] = x.shape as [number, number];
      if (width <= 512) return layer.value(x);
      return concat([layer.value(slice(x, [0, 0], [rows, 512])), slice(x, [0, 512], [rows, width - 512])], 1);
    };
    return { ...layer, value, trace: (x) => ({ ...layer.trace(x), value: value(x) }) };
  },
  // The slope is 1.4 between 5.3 and 5.302, and 0.5 elsewhere.
  'a slope of 1.4 in a narrow band': () =>
    elementwise({
      name: 'steep',
      lipschitz: 1,
      evaluate: (a) => {
        const over = sub(a, 5.3);
        return {
          value: add(mul(0.5, a), mul(0.9, clipByValue(over, 0, 2e-3))),
          slope: add(0.5, mul(0.9, mul(step(over), step(sub(2e-3, over))))),
        };
      },
    }),
  // The sum has an error of up to 4e-6.
  'values rounded to 8e-6': () =>
    elementwise<Evaluated & { readonly t: Tensor }>({
      name: 'tanh',
      lipschitz: 1,
      evaluate: (a) => {
        const t = tanh(a);
        return { t, value: sub(add(t, 100), 100), slope: sub(1, square(t)) };
      },
      curvature: ({ t, slope }) => mul(-2, mul(t, slope)),
    }),
  // The derivative of the absolute value is taken as 0 at zero, so the slope is 0 there, and not 1.
  'a slope of 0 at exactly zero': () =>
    elementwise({
      name: 'tanh',
      lipschitz: 1,
      evaluate: (a) => ({ value: tanh(a), slope: mul(square(sign(a)), sub(1, square(tanh(a)))) }),
      curvature: ({ value, slope }) => mul(-2, mul(value, slope)),
    }),
  // `value` uses the parameter as it was at the last call of `trace`.
  'a value at the parameter of the last trace': () => {
    const layer = lipSwish();
    const beta = layer.parameters['beta']!;
    let seen = beta.dataSync().slice();
    return {
      ...layer,
      value: (a) => {
        const b = softplus(tensor(seen, beta.shape));
        return div(mul(a, sigmoid(mul(a, b))), 1.1);
      },
      trace: (a) => {
        seen = beta.dataSync().slice();
        return layer.trace(a);
      },
    };
  },
  'values minus the mean of the batch': () => ({
    ...tanhActivation(),
    value: (x) => {
      const y = tanh(x);
      return sub(y, mean(y, 0, true));
    },
  }),
};

/** Activations whose slopes jump. */
const KINKED = new Set(['a lost NaN', 'a slope of 1.4 in a narrow band']);

/** The activation `2 tanh(a / 2)`, which kernels for whole nets take for tanh. */
const borrowed = (): Layer =>
  elementwise<Evaluated & { readonly t: Tensor }>({
    name: 'tanh',
    part: { activation: 'tanh', alpha: 1 },
    lipschitz: 1,
    evaluate: (a) => {
      const t = tanh(mul(a, 0.5));
      return { t, value: mul(t, 2), slope: sub(1, square(t)) };
    },
    curvature: ({ t, slope }) => neg(mul(t, slope)),
  });
// The cpu backend has no kernels for whole nets.
testActivation({ name: 'the part of another activation', activation: borrowed, backends: [wasm()] });

for (const [name, activation] of Object.entries(activations))
  testActivation({ name, activation, kinks: KINKED.has(name), backends: [cpu()] });
