import { cpu } from '@impflow/backend-cpu';
import { wasm } from '@impflow/backend-wasm';
import { key, normal, normals, scoped, valueAndGradients, type NamedVariables } from '@impflow/core';
import { conditionalMlp, lipSwish, mlp, sin } from '@impflow/lipschitz';
import { derivative, onBackend } from '@impflow/testkit';
import { add, memory, mul, ones, sum, tensor, variable, zeros, type Tensor, type Variable } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

const assign = (target: Variable, values: ArrayLike<number>): void => {
  const next = tensor(Float32Array.from(values), target.shape);
  target.assign(next);
  next.dispose();
};

const options = { dim: 3, hidden: [8, 6], activation: lipSwish, coeff: 0.9, key: key(61) };
/** A net whose last layer is not zero. */
const make = (): ReturnType<typeof conditionalMlp> => {
  const net = conditionalMlp({ ...options, context: 2 });
  assign(net.parameters['layers.4.weight']!, normals(key(62), 18));
  net.refresh({ tolerance: 1e-5 });
  return net;
};

describe.each([['cpu', cpu], ['wasm', wasm]] as const)('conditionalMlp on %s', (_name, adapter) => {
  onBackend(adapter());

  it('has the parameters and buffers of mlp, and the weight of the context', () => {
    const [conditional, plain] = [conditionalMlp({ ...options, context: 2 }), mlp(options)];
    expect(Object.keys(conditional.parameters)).toEqual([...Object.keys(plain.parameters), 'context.weight']);
    expect(Object.keys(conditional.buffers)).toEqual(Object.keys(plain.buffers));
    expect(conditional.parameters['context.weight']!.shape).toEqual([8, 2]);
    expect([conditional.contextSize, conditional.lipschitz, conditional.shape]).toEqual([2, plain.lipschitz, [3]]);
  });

  it('without a context it is the plain net, with one it is not', () => scoped(() => {
    const net = make();
    const plain = mlp(options);
    for (const [path, target] of Object.entries({ ...plain.parameters, ...plain.buffers })) target.assign((net.parameters[path] ?? net.buffers[path])!.clone() as Variable);
    const x = normal(key(63), [4, 3]);
    const value = plain.apply(x).dataSync();
    const apart = (context: Tensor): number => Math.max(...Array.from(net.given(context).apply(x).dataSync(), (v, i) => Math.abs(v - value[i]!)));
    expect(apart(zeros([4, 2]))).toBe(0);
    expect(apart(ones([4, 2]))).toBeGreaterThan(1e-3);
    expect(apart(ones([1, 2]))).toBeCloseTo(apart(ones([4, 2])), 6);
  }));

  it('the bound holds for x whatever the context', () => scoped(() => {
    const net = make();
    for (const size of [0, 1, 1e3]) {
      const g = net.given(mul(normal(key(64), [300, 2]), size));
      const [a, step] = [normal(key(65), [300, 3]), mul(normal(key(66), [300, 3]), 0.1)];
      const [from, to, gone] = [g.apply(a).dataSync(), g.apply(add(a, step)).dataSync(), step.dataSync()];
      for (let row = 0; row < 300; row++) {
        const length = (of: (i: number) => number): number => Math.hypot(of(3 * row), of(3 * row + 1), of(3 * row + 2));
        expect(length((i) => to[i]! - from[i]!)).toBeLessThan(net.lipschitz * length((i) => gone[i]!) + 1e-6);
      }
    }
  }));

  it.each([['one context a row', 5], ['one for all', 1]] as const)('%s: gradients reach every parameter, the context, x and the tangents', (_title, rows) => scoped(() => {
    const net = make();
    const [x, t, context] = [variable(normal(key(67), [5, 3])), variable(normal(key(68), [2, 5, 3])), variable(normal(key(69), [rows, 2]))];
    const [u, w] = [normal(key(70), [5, 3]), normal(key(71), [2, 5, 3])];
    const loss = (): Tensor => {
      const { value, tangents } = net.given(context).pushforward(x, t);
      return add(sum(mul(u, value)), sum(mul(w, tangents)));
    };
    const variables: NamedVariables = { x, t, context, ...net.parameters };
    const { gradients } = valueAndGradients(loss, variables);
    for (const [path, target] of Object.entries(variables)) {
      const gradient = gradients[path]!.dataSync();
      const present = target.dataSync().slice();
      const scale = Math.max(1, ...gradient.map(Math.abs));
      expect(Math.max(...gradient.map(Math.abs)), path).toBeGreaterThan(0);
      for (const i of new Set([0, Math.floor(gradient.length / 2), gradient.length - 1])) {
        const slope = derivative((shift) => scoped(() => {
          assign(target, present.map((value, k) => k === i ? value + shift : value));
          return loss().dataSync()[0]!;
        }), 1e-2);
        expect(Math.abs(gradient[i]! - slope) / scale, `${path}[${i}]`).toBeLessThan(5e-3);
      }
      assign(target, present);
    }
  }));

  it('keeps nothing, and names wrong contexts', () => {
    const net = make();
    const use = (): void => scoped(() => {
      const context = normal(key(72), [4, 2]);
      const x = normal(key(73), [4, 3]);
      const g = net.given(context);
      const lin = g.linearize(x);
      lin.vjp(ones([1, 4, 3]));
      lin.dispose();
      valueAndGradients(() => sum(net.given(context).apply(x)), net.parameters);
    });
    use();
    const before = memory().numTensors;
    use();
    expect(memory().numTensors).toBe(before);
    expect(() => scoped(() => net.given(zeros([4, 3])))).toThrow('[lipschitz/conditionalMlp] Wrong context shape: expected [B, 2], got [4, 3].');
    expect(() => conditionalMlp({ dim: 2, context: 0, activation: sin, key: key(1) })).toThrow('[lipschitz/conditionalMlp] Wrong context size');
  });
});
