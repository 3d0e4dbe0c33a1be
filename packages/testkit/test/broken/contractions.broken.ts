import { cpu } from '@impflow/backend-cpu';
import { scoped, withGradientOf, type Contraction, type Linearization } from '@impflow/core';
import { ripple, testContraction } from '@impflow/testkit';
import { add, keep, mean, mul, neg, type Tensor } from '@tensorflow/tfjs-core';

const sound = (): Contraction => ripple({ event: [3], slope: 0.8 });
const linearized = (g: Contraction, change: (linearization: Linearization) => Partial<Linearization>): Contraction => ({
  ...g, linearize: (x) => { const linearization = g.linearize(x); return { ...linearization, ...change(linearization) }; },
});
const everywhere = (g: Contraction, change: (value: Tensor) => Tensor): Contraction => ({ ...g, apply: (x) => scoped(() => change(g.apply(x))) });

const broken: Readonly<Record<string, (g: Contraction) => Contraction>> = {
  'sound': (g) => g,
  'vjp of the wrong sign': (g) => linearized(g, ({ vjp }) => ({ vjp: (u) => scoped(() => neg(vjp(u))) })),
  'vjp without the transpose': (g) => linearized(g, ({ jvp }) => ({ vjp: jvp })),
  'jvp of another map': (g) => linearized(g, ({ jvp }) => ({ jvp: (t) => scoped(() => mul(1.01, jvp(t))) })),
  'five percent steeper than it says': () => ({ ...ripple({ event: [3], slope: 0.8, weight: [0, 1, 0, 0, 0, 1, 1, 0, 0] }), lipschitz: 0.76 }),
  'no contraction': (g) => ({ ...g, lipschitz: 1.2 }),
  'tangents of the wrong gradient': (g) => ({ ...g, pushforward: (x, t) => {
    const { value, tangents } = g.pushforward(x, t);
    return { value, tangents: withGradientOf(tangents, mul(1.05, tangents)) };
  } }),
  'mixes rows': (g) => everywhere(g, (value) => add(value, mul(0.01, mean(value, 0, true)))),
  'spreads NaN': (g) => everywhere(g, (value) => add(value, mul(0, mean(value)))),
  'leaks a tensor': (g) => everywhere(g, (value) => { keep(value.clone()); return value; }),
};

for (const [name, change] of Object.entries(broken)) testContraction({ name, make: () => change(sound()), backends: [cpu()] });
