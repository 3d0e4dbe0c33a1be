import { cpu } from '@impflow/backend-cpu';
import {
  contractionByTape,
  drawNormal,
  fold,
  key,
  normals,
  scoped,
  type Contraction,
  type NetLinearization,
  type Pair,
} from '@impflow/core';
import { ripple, testContraction } from '@impflow/testkit';
import {
  add,
  cos,
  div,
  keep,
  matMul,
  mean,
  mul,
  neg,
  reshape,
  reverse,
  sigmoid,
  sin,
  slice,
  softplus,
  sub,
  tensor1d,
  tensor2d,
  tile,
  transpose,
  variable,
  zeros,
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
  'a refresh that does nothing without a tolerance': (g) => ({
    ...g,
    refresh: (options) => {
      if (options?.tolerance !== undefined) g.refresh(options);
    },
  }),
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
  'a pullback that ignores onto if only a pair is given': (g) =>
    linearized(g, ({ pullback }) => ({
      pullback: ({ value, pair, onto }) => pullback(value === undefined ? { pair } : { value, pair, onto }),
    })),
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
  'values off by 0.01 from row 300 on': (g) =>
    everywhere(g, (value) => add(value, mul(0.01, sub(1, firstRows(value, 300))))),
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

/** Returns `sin(0.95 W x + b)` with the weight divided by a norm from three power iterations, which is too small. */
const lagging = (d: number): Contraction => {
  const weight = variable(drawNormal(key(1), [d, d]));
  const b = variable(zeros([d]));
  let [norm, refreshes] = [1, 0];
  const refresh = (): void =>
    scoped(() => {
      let v: Tensor = drawNormal(fold(key(2), refreshes++), [1, d]);
      for (let step = 0; step < 3; step++) {
        v = matMul(matMul(v, weight, false, true), weight);
        norm = Math.sqrt(Math.hypot(...v.dataSync()));
        v = div(v, norm ** 2);
      }
    });
  refresh();
  const product = (x: Tensor): Tensor => {
    const flat = matMul(reshape(x, [-1, d]), div(weight, norm / 0.95), false, true);
    return reshape(flat, x.shape);
  };
  return contractionByTape({
    shape: [d],
    lipschitz: 0.95,
    parameters: { weight, b },
    refresh,
    value: (x) => sin(add(product(x), b)),
    push: (x, t) => mul(cos(add(product(x), b)), product(t)),
  });
};
testContraction({
  name: 'a norm of three power iterations',
  make: () => lagging(3),
  wide: () => lagging(20),
  backends: [cpu()],
});

/** Returns `0.8 gate(c) sin(W x + A c)`. */
const conditional = (gate: (gated: Tensor) => Tensor): Contraction => {
  const draw = normals(key(3), 9);
  const W = tensor2d(
    Float32Array.from(draw, (z) => z / Math.hypot(...draw)),
    [3, 3],
  );
  const A = variable(drawNormal(key(4), [2, 3]));
  const product = (x: Tensor): Tensor => reshape(matMul(reshape(x, [-1, 3]), W), x.shape);
  const argument = (x: Tensor, c: Tensor): Tensor => add(product(x), matMul(c, A));
  const factor = (c: Tensor): Tensor => mul(0.8, gate(slice(c, [0, 0], [-1, 1])));
  return contractionByTape({
    shape: [3],
    lipschitz: 0.8,
    conditionSize: 2,
    parameters: { A },
    value: (x, c) => mul(factor(c!), sin(argument(x, c!))),
    push: (x, t, c) => mul(factor(c!), mul(cos(argument(x, c!)), product(t))),
  });
};
const conditionals: Readonly<Record<string, () => Contraction>> = {
  'sound with a condition': () => conditional(sigmoid),
  // The gate is at most 1 for conditions up to 3.
  'a gate that is too large for large conditions': () =>
    conditional((c) => mul(softplus(c), 1 / Math.log1p(Math.exp(3)))),
  'no gradient of the pair for the condition': () =>
    linearized(conditional(sigmoid), ({ pullback }) => ({
      pullback: (of) =>
        scoped(() => {
          const { condition } = pullback({ value: of.value });
          return { ...pullback(of), ...(condition === undefined ? {} : { condition }) };
        }),
    })),
  'the condition of the first row for all rows': () => {
    const net = conditional(sigmoid);
    const first = (c: Tensor): Tensor => tile(slice(c, 0, 1), [c.shape[0]!, 1]);
    return {
      ...net,
      apply: (x, c) => scoped(() => net.apply(x, first(c!))),
      linearize: (x, options) => net.linearize(x, { ...options, condition: first(options!.condition!) }),
    };
  },
};
for (const [name, make] of Object.entries(conditionals)) testContraction({ name, make, context: 2, backends: [cpu()] });
