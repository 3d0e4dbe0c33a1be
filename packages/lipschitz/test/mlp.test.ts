import { cpu } from '@impflow/backend-cpu';
import { wasm } from '@impflow/backend-wasm';
import { key, normal, unitTangents, valueAndGradients, type NamedVariables } from '@impflow/core';
import { dense, lipSwish, mlp, sequential, sin, type Layer } from '@impflow/lipschitz';
import { add, memory, mul, neg, sub, sum, tensor, tidy, variable, type Tensor, type Variable } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';

const net = (activation: () => Layer): ReturnType<typeof mlp> => {
  const made = sequential([3], [
    dense({ inputs: 3, outputs: 8, coeff: 0.9, key: key(1) }), activation(),
    dense({ inputs: 8, outputs: 8, coeff: 0.9, key: key(2) }), activation(),
    dense({ inputs: 8, outputs: 3, coeff: 0.9, key: key(3) }),
  ]);
  return made;
};

/** d loss / d (entry i of a variable) by central differences. */
const difference = (loss: () => Tensor, target: Variable, i: number, h = 1e-2): number => {
  const values = target.dataSync().slice();
  const at = (shift: number): number => tidy(() => {
    const moved = values.slice();
    moved[i] = moved[i]! + shift;
    target.assign(tensor(moved, target.shape));
    return loss().dataSync()[0]!;
  });
  // Fourth-order central differences: float32 leaves no room for a small step.
  const slope = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
  target.assign(tensor(values, target.shape));
  return slope;
};

describe.each([['cpu', cpu], ['wasm', wasm]] as const)('mlp on %s', (_name, adapter) => {
  beforeAll(async () => { await adapter().start(); });

  it.each([['sin', sin], ['lipSwish', lipSwish]] as const)('%s: jvp and vjp agree with each other and with finite differences', (_activation, activation) => {
    tidy(() => {
      const g = net(activation);
      const x = normal(key(4), [5, 3]);
      const t = normal(key(5), [2, 5, 3]);
      const w = normal(key(6), [2, 5, 3]);
      const lin = g.linearize(x);
      const inner = sum(mul(w, lin.jvp(t))).dataSync()[0]!;
      expect(sum(mul(t, lin.vjp(w))).dataSync()[0]!).toBeCloseTo(inner, 4);
      const h = 1e-2;
      const along = tensor(t.dataSync().slice(0, 15), [5, 3]);
      const numeric = mul(sub(g.apply(add(x, mul(along, h))), g.apply(sub(x, mul(along, h)))), 1 / (2 * h)).dataSync();
      const analytic = lin.jvp(t).dataSync();
      numeric.forEach((value, i) => expect(analytic[i]!).toBeCloseTo(value, 2));
    });
  });

  it.each([['sin', sin], ['lipSwish', lipSwish]] as const)('%s: gradients of a function of value and Jacobian match finite differences', (_activation, activation) => {
    tidy(() => {
      const g = net(activation);
      const x = variable(normal(key(4), [5, 3]));
      const t = variable(normal(key(5), [2, 5, 3]));
      const u = normal(key(7), [5, 3]);
      const w = normal(key(8), [2, 5, 3]);
      const loss = (): Tensor => {
        const { value, tangents } = g.pushforward(x, t);
        return add(sum(mul(u, value)), sum(mul(w, tangents)));
      };
      const variables: NamedVariables = { x, t, ...g.parameters };
      const { gradients } = valueAndGradients(loss, variables);
      for (const [name, target] of Object.entries(variables)) {
        const gradient = gradients[name]!.dataSync();
        const scale = Math.max(1, ...gradient.map(Math.abs));
        for (const i of [0, Math.floor(gradient.length / 2), gradient.length - 1]) {
          expect(Math.abs(gradient[i]! - difference(loss, target, i)) / scale, `${name}[${i}]`).toBeLessThan(5e-3);
        }
      }
    });
  });

  it('keeps no tensors', () => {
    const g = net(lipSwish);
    const x = normal(key(4), [5, 3]);
    const use = (): void => tidy(() => {
      const lin = g.linearize(x);
      lin.jvp(unitTangents(5, 3));
      lin.vjp(unitTangents(5, 3));
      lin.dispose();
      valueAndGradients(() => neg(sum(g.pushforward(x, unitTangents(5, 3)).tangents)), g.parameters);
    });
    use();
    const before = memory().numTensors;
    use();
    const lin = g.linearize(x);
    lin.dispose();
    expect(memory().numTensors).toBe(before);
  });
});
