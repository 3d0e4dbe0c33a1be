import { cpu } from '@impflow/backend-cpu';
import { wasm } from '@impflow/backend-wasm';
import {
  key,
  drawNormal,
  normals,
  scoped,
  valueAndGradients,
  type Contraction,
  type Gradient,
  type NamedVariables,
} from '@impflow/core';
import { conditionalMlp, lipSwish, mlp, sandwich, sinActivation, snake } from '@impflow/lipschitz';
import { derivative, onBackend } from '@impflow/testkit';
import {
  abs,
  add,
  max,
  memory,
  mul,
  ones,
  sub,
  sum,
  tensor,
  variable,
  zeros,
  type Tensor,
  type Variable,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

const assign = (target: Variable, values: ArrayLike<number>): void => {
  const next = tensor(Float32Array.from(values), target.shape);
  target.assign(next);
  next.dispose();
};

const common = { dim: 3, hidden: [8, 6], coeff: 0.9, key: key(61) };
const kinds = {
  conditionalMlp: {
    conditional: () => conditionalMlp({ ...common, activation: lipSwish, context: 2 }),
    plain: () => mlp({ ...common, activation: lipSwish }),
  },
  sandwich: {
    conditional: () => sandwich({ ...common, activation: snake, context: 2 }),
    plain: () => sandwich({ ...common, activation: snake }),
  },
} as const;
/** Returns a net whose last layer is not zero. */
const made = (kind: keyof typeof kinds): Contraction => {
  const net = kinds[kind].conditional();
  assign(net.parameters['layers.4.weight']!, normals(key(62), 18));
  net.refresh({ tolerance: 1e-5 });
  return net;
};

describe.each(
  Object.keys(kinds).flatMap(
    (kind) =>
      [
        [kind, 'cpu', cpu],
        [kind, 'wasm', wasm],
      ] as const,
  ) as [keyof typeof kinds, string, typeof cpu | typeof wasm][],
)('%s on %s', (kind, _name, adapter) => {
  onBackend(adapter());
  const make = (): Contraction => made(kind);

  it('a context adds one parameter to the net: the weight of the context', () => {
    const [conditional, plain] = [kinds[kind].conditional(), kinds[kind].plain()];
    expect(Object.keys(conditional.parameters)).toEqual([...Object.keys(plain.parameters), 'context.weight']);
    expect(Object.keys(conditional.buffers)).toEqual(Object.keys(plain.buffers));
    expect(conditional.parameters['context.weight']!.shape).toEqual([8, 2]);
    expect([conditional.conditionSize, conditional.lipschitz, conditional.shape]).toEqual([2, plain.lipschitz, [3]]);
  });

  it('with a context of zeros the net equals the net without a context; other contexts change the value', () =>
    scoped(() => {
      const net = make();
      const plain = kinds[kind].plain();
      for (const [path, target] of Object.entries({ ...plain.parameters, ...plain.buffers }))
        target.assign((net.parameters[path] ?? net.buffers[path])!.clone() as Variable);
      const x = drawNormal(key(63), [4, 3]);
      const value = plain.apply(x).dataSync();
      const apart = (context: Tensor): number =>
        Math.max(...Array.from(net.apply(x, context).dataSync(), (v, i) => Math.abs(v - value[i]!)));
      expect(apart(zeros([4, 2]))).toBe(0);
      expect(apart(ones([4, 2]))).toBeGreaterThan(1e-3);
      expect(apart(ones([1, 2]))).toBeCloseTo(apart(ones([4, 2])), 6);
    }));

  it('the Lipschitz bound with respect to x holds for any context', () =>
    scoped(() => {
      const net = make();
      for (const size of [0, 1, 1e3]) {
        const context = mul(drawNormal(key(64), [300, 2]), size);
        const [a, step] = [drawNormal(key(65), [300, 3]), mul(drawNormal(key(66), [300, 3]), 0.1)];
        const [from, to, gone] = [
          net.apply(a, context).dataSync(),
          net.apply(add(a, step), context).dataSync(),
          step.dataSync(),
        ];
        for (let row = 0; row < 300; row++) {
          const length = (of: (i: number) => number): number =>
            Math.hypot(of(3 * row), of(3 * row + 1), of(3 * row + 2));
          expect(length((i) => to[i]! - from[i]!)).toBeLessThan(net.lipschitz * length((i) => gone[i]!) + 1e-6);
        }
      }
    }));

  it.each([
    ['one context per row', 5],
    ['one context for all rows', 1],
  ] as const)('%s: gradients reach every parameter, the context and x', (_title, rows) =>
    scoped(() => {
      const net = make();
      const [x, t, context] = [
        variable(drawNormal(key(67), [5, 3])),
        drawNormal(key(68), [2, 5, 3]),
        variable(drawNormal(key(69), [rows, 2])),
      ];
      const [u, w] = [drawNormal(key(70), [5, 3]), drawNormal(key(71), [2, 5, 3])];
      const variables: NamedVariables = { x, context, ...net.parameters };
      const at = net.linearize(x, { condition: context });
      const pair = { pushed: at.push(t), cotangents: w };
      const named = ({ x: dx, condition, weights }: Gradient): Readonly<Record<string, Tensor>> => {
        const trained = net.trained(weights);
        return {
          x: dx,
          context: condition!,
          ...Object.fromEntries(Object.keys(net.parameters).map((path, i) => [path, trained[i]!])),
        };
      };
      const [whole, value] = [named(at.pullback({ value: u, pair })), at.pullback({ value: u })];
      for (const [path, target] of Object.entries(variables)) {
        const gradient = whole[path]!.dataSync();
        expect(whole[path]!.shape, path).toEqual(target.shape);
        const present = target.dataSync().slice();
        const scale = Math.max(1, ...gradient.map(Math.abs));
        expect(Math.max(...gradient.map(Math.abs)), path).toBeGreaterThan(0);
        for (const i of new Set([0, Math.floor(gradient.length / 2), gradient.length - 1])) {
          const slope = derivative(
            (shift) =>
              scoped(() => {
                assign(
                  target,
                  present.map((entry, k) => (k === i ? entry + shift : entry)),
                );
                const there = net.linearize(x, { condition: context, tracked: false });
                const loss = add(sum(mul(u, there.value)), sum(mul(w, there.jvp(t)))).dataSync()[0]!;
                there.dispose();
                return loss;
              }),
            1e-2,
          );
          expect(Math.abs(gradient[i]! - slope) / scale, `${path}[${i}]`).toBeLessThan(5e-3);
        }
        assign(target, present);
      }
      // The gradient of the value plus the gradient of the tangent products is the whole gradient, with and without
      // `onto`. The gradient of the value equals the gradient that the gradient tape computes.
      const near = (found: Tensor, expected: Tensor): number =>
        max(abs(sub(found, expected))).dataSync()[0]! / Math.max(1, max(abs(expected)).dataSync()[0]!);
      const onto = named(at.pullback({ pair, onto: value.weights }));
      const apart = named(at.pullback({ pair }));
      const taped = valueAndGradients(() => sum(mul(u, net.apply(x, context))), variables).gradients;
      for (const path of Object.keys(net.parameters)) expect(near(onto[path]!, whole[path]!), path).toBeLessThan(1e-5);
      for (const path of Object.keys(variables)) {
        expect(near(add(apart[path]!, named(value)[path]!), whole[path]!), path).toBeLessThan(1e-5);
        expect(near(taped[path]!, named(value)[path]!), path).toBeLessThan(1e-5);
      }
      at.dispose();
    }),
  );

  it('a net with a context leaves no tensor undisposed, and errors quote the shape of a wrong context', () => {
    const net = make();
    const use = (): void =>
      scoped(() => {
        const context = drawNormal(key(72), [4, 2]);
        const x = drawNormal(key(73), [4, 3]);
        for (const tracked of [true, false]) {
          const at = net.linearize(x, { condition: context, tracked });
          at.vjp(ones([1, 4, 3]));
          at.jacobian();
          if (tracked) at.pullback({ value: x, pair: { pushed: at.units(), cotangents: ones([3, 4, 3]) } });
          at.dispose();
        }
        net.apply(x, context);
        valueAndGradients(() => sum(net.apply(x, context)), net.parameters);
      });
    use();
    const before = memory().numTensors;
    use();
    expect(memory().numTensors).toBe(before);
    for (const use of [net.apply, (x: Tensor, condition?: Tensor) => net.linearize(x, { condition })]) {
      expect(() => scoped(() => use(zeros([4, 3]), zeros([4, 3])))).toThrow(
        '[lipschitz/withContext] Wrong context shape: expected [B, 2], got [4, 3].',
      );
      expect(() => scoped(() => use(zeros([4, 3])))).toThrow(
        '[lipschitz/withContext] Wrong context shape: expected [B, 2], got none.',
      );
    }
    expect(memory().numTensors).toBe(before);
    expect(() => conditionalMlp({ dim: 2, context: 0, activation: sinActivation, key: key(1) })).toThrow(
      '[lipschitz/withContext] Wrong context size',
    );
  });
});
