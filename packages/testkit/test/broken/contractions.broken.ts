import { cpu } from '@impflow/backend-cpu';
import { scoped, type Contraction, type NetLinearization, type Pair } from '@impflow/core';
import { ripple, testContraction } from '@impflow/testkit';
import {
  add,
  keep,
  mean,
  mul,
  neg,
  reshape,
  reverse,
  tensor1d,
  transpose,
  zerosLike,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { valueWithGradient } from './value-with-gradient.ts';

const sound = (): Contraction => ripple({ event: [3], slope: 0.8 });
const linearized = (
  g: Contraction,
  change: (linearization: NetLinearization) => Partial<NetLinearization>,
): Contraction => ({
  ...g,
  linearize: (x, options) => {
    const linearization = g.linearize(x, options);
    return { ...linearization, ...change(linearization) };
  },
});
const everywhere = (g: Contraction, change: (value: Tensor) => Tensor): Contraction => ({
  ...g,
  apply: (x) => scoped(() => change(g.apply(x))),
});
const scaled = (tensors: readonly Tensor[], by: number): readonly Tensor[] => tensors.map((tensor) => mul(by, tensor));

/** Returns ones and zeros, `[B, 1, ...]` or `[1, B, 1, ...]`: one for each of the first rows. The map has one axis. */
const firstRows = ({ shape, rank }: Tensor, count: number): Tensor => {
  const rows = shape[rank - 2]!;
  return reshape(tensor1d(Array.from({ length: rows }, (_, row) => (row < count ? 1 : 0))), [
    ...(rank === 3 ? [1] : []),
    rows,
    1,
  ]);
};
/** Returns ones and zeros, `[K, 1, 1]`: one for each of the first entries of a stack. */
const firstOfStack = ({ shape }: Tensor, count: number): Tensor =>
  reshape(tensor1d(Array.from({ length: shape[0]! }, (_, k) => (k < count ? 1 : 0))), [-1, 1, 1]);
const withoutNinth = (pair: Pair): Pair => ({
  ...pair,
  cotangents: mul(pair.cotangents, firstOfStack(pair.cotangents, 8)),
});

const broken: Readonly<Record<string, (g: Contraction) => Contraction>> = {
  sound: (g) => g,
  'vjp of the wrong sign': (g) => linearized(g, ({ vjp }) => ({ vjp: (u) => scoped(() => neg(vjp(u))) })),
  'vjp without the transpose': (g) => linearized(g, ({ jvp }) => ({ vjp: jvp })),
  'jvp of another map': (g) => linearized(g, ({ jvp }) => ({ jvp: (t) => scoped(() => mul(1.01, jvp(t))) })),
  'five percent steeper than its bound': () => ({
    ...ripple({ event: [3], slope: 0.8, weight: [0, 1, 0, 0, 0, 1, 1, 0, 0] }),
    lipschitz: 0.76,
  }),
  'not a contraction': (g) => ({ ...g, lipschitz: 1.2 }),
  'a refresh that does nothing': (g) => ({ ...g, refresh: () => {} }),
  'another value if tracked': (g) =>
    linearized(g, ({ tracked, value, dispose }) => {
      if (!tracked) return {};
      const other = keep(add(value, 1e-3));
      return {
        value: other,
        dispose: () => {
          other.dispose();
          dispose();
        },
      };
    }),
  'images that are not J t': (g) =>
    linearized(g, ({ push }) => ({
      push: (t) =>
        scoped(() => {
          const pushed = push(t);
          return { ...pushed, images: mul(1.01, pushed.images) };
        }),
    })),
  'a gradient of the wrong sign on the tape': (g) => everywhere(g, (value) => valueWithGradient(value, neg(value))),
  'units of another order': (g) =>
    linearized(g, ({ units }) => ({
      units: () => {
        const { tangents, images, entering } = units();
        return { tangents: reverse(tangents, 0), images: reverse(images, 0), entering };
      },
    })),
  'a Jacobian transposed': (g) =>
    linearized(g, ({ jacobian }) => ({ jacobian: () => scoped(() => transpose(jacobian(), [0, 2, 1])) })),
  'a pullback five percent too large': (g) =>
    linearized(g, ({ pullback }) => ({
      pullback: (of) =>
        scoped(() => {
          const { x, weights } = pullback(of);
          return { x: mul(1.05, x), weights: scaled(weights, 1.05) };
        }),
    })),
  'a pullback that drops the pair': (g) =>
    linearized(g, ({ pullback }) => ({ pullback: ({ value, onto }) => pullback({ value, onto }) })),
  'a pullback that ignores onto': (g) =>
    linearized(g, ({ pullback }) => ({ pullback: ({ value, pair }) => pullback({ value, pair }) })),
  'a pullback without the gradient of the point': (g) =>
    linearized(g, ({ pullback }) => ({
      pullback: (of) =>
        scoped(() => {
          const { x, weights } = pullback(of);
          return { x: zerosLike(x), weights };
        }),
    })),
  'gradients of the trained parameters five percent too large': (g) => ({
    ...g,
    trained: (weights) => scaled(weights, 1.05),
  }),
  'products at the point of the last call': (g) => {
    let last: NetLinearization;
    return linearized(g, (linearization) => {
      last = linearization;
      return { jvp: (t) => last.jvp(t) };
    });
  },
  'mixes rows': (g) => everywhere(g, (value) => add(value, mul(0.01, mean(value, 0, true)))),
  'spreads NaN': (g) => everywhere(g, (value) => add(value, mul(0, mean(value)))),
  'a pullback that spreads NaN': (g) =>
    linearized(g, ({ pullback }) => ({
      pullback: (of) =>
        scoped(() => {
          const { x, weights } = pullback(of);
          return { x: add(x, mul(0, mean(x))), weights };
        }),
    })),
  'leaks a tensor': (g) =>
    everywhere(g, (value) => {
      keep(value.clone());
      return value;
    }),
  'mixes rows above 200 rows': (g) =>
    everywhere(g, (value) => (value.shape[0]! > 200 ? add(value, mul(0.01, mean(value, 0, true))) : value)),
  'a pullback to the parameters of the first 40 rows': (g) =>
    linearized(g, ({ pullback }) => ({
      pullback: (of) => {
        const few = (stack: Tensor): Tensor => mul(stack, firstRows(stack, 40));
        const { value, pair } = of;
        const { weights } = scoped(() =>
          pullback({ ...of, value: value && few(value), pair: pair && { ...pair, cotangents: few(pair.cotangents) } }),
        );
        return { ...pullback(of), weights };
      },
    })),
  'a ninth cotangent of zero': (g) =>
    linearized(g, ({ vjp }) => ({ vjp: (u) => scoped(() => vjp(mul(u, firstOfStack(u, 8)))) })),
  'a pullback without the ninth tangent': (g) =>
    linearized(g, ({ pullback }) => ({
      pullback: (of) => scoped(() => pullback({ ...of, pair: of.pair && withoutNinth(of.pair) })),
    })),
  'a pullback five percent too large from the 41st on': (g) => {
    let pullbacks = 0;
    return linearized(g, ({ pullback }) => ({
      pullback: (of) => {
        if (++pullbacks <= 40) return pullback(of);
        return scoped(() => {
          const { x, weights } = pullback(of);
          return { x: mul(1.05, x), weights: scaled(weights, 1.05) };
        });
      },
    }));
  },
  'leaks a linearization': (g) => linearized(g, () => ({ dispose: () => {} })),
};

for (const [name, change] of Object.entries(broken))
  testContraction({ name, make: () => change(sound()), backends: [cpu()] });
