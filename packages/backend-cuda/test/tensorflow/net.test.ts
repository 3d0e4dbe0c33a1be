import { cpu } from '@impflow/backend-cpu';
import {
  fold,
  kernel,
  key,
  drawNormal,
  release,
  scoped,
  valueAndGradients,
  type BackendAdapter,
  type Cotangents,
} from '@impflow/core';
import { celu, eluActivation, mlp, sinActivation, snake, softplusActivation, tanhActivation } from '@impflow/lipschitz';
import { mul, sum, memory, variable, type Tensor, type Variable } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { cpuBuild } from '../../src/tensorflow.ts';

type Numbers = Readonly<Record<string, readonly number[]>>;

const ACTIVATIONS = {
  sin: sinActivation,
  snake,
  tanh: tanhActivation,
  softplus: softplusActivation,
  elu: () => eluActivation({ alpha: 0.7 }),
  celu: () => celu({ alpha: 0.6 }),
};
const CASES = Object.keys(ACTIVATIONS).flatMap((activation) =>
  [
    [2, [7]],
    [3, [16, 5]],
    [6, [8, 8, 8]],
  ].map(([dim, hidden]) => ({ activation, dim, hidden }) as Case),
);

interface Case {
  readonly activation: keyof typeof ACTIVATIONS;
  readonly dim: number;
  readonly hidden: readonly number[];
}

/**
 * Returns the value of a net, products with its Jacobian J and with J^T, and the gradients of the value and of the
 * products. The norms are chosen so that the caps scale the weights of some layers only.
 */
const numbersOf = async ({ activation, dim, hidden }: Case, adapter: BackendAdapter): Promise<Numbers> => {
  const backend = await adapter.start();
  expect(kernel('ImpflowNet').available()).toBe(adapter.name === 'cpuBuild');
  const net = mlp({ dim, hidden, activation: ACTIVATIONS[activation], coeff: 0.8, key: key(1) });
  Object.values(net.parameters).forEach((parameter, i) =>
    scoped(() =>
      parameter.assign(mul(drawNormal(fold(key(2), i), parameter.shape), i % 4 === 0 ? 1 : 0.1) as Variable),
    ),
  );
  net.refresh({ tolerance: 1e-7 });
  const [x, t] = [variable(drawNormal(key(3), [11, dim])), drawNormal(key(4), [3, 11, dim])];
  const [value, cotangents] = [drawNormal(key(5), [11, dim]), drawNormal(key(6), [3, 11, dim])];
  // The first use of a net computes and stores its capped weights, so run it once.
  net.apply(x).dispose();
  const before = memory().numTensors;
  const found: Record<string, Tensor> = scoped(() => {
    const at = net.linearize(x);
    const pair = { pushed: at.push(t), cotangents };
    const gradients = (name: string, pulled: Cotangents): Record<string, Tensor> => {
      const { x: dx, weights } = at.pullback(pulled);
      const trained = net.trained(weights);
      return {
        [`${name} x`]: dx,
        ...Object.fromEntries(Object.keys(net.parameters).map((path, i) => [`${name} ${path}`, trained[i]!])),
      };
    };
    const onto = at.pullback({ pair }).weights;
    const taped = valueAndGradients(() => sum(mul(net.apply(x), value)), { x, ...net.parameters });
    const all = {
      value: at.value.clone(),
      images: pair.pushed.images,
      jacobian: at.jacobian().clone(),
      jvp: at.jvp(t),
      vjp: at.vjp(cotangents),
      applied: net.apply(x),
      ...gradients('both', { value, pair }),
      ...gradients('value', { value }),
      ...gradients('pair', { pair }),
      ...gradients('onto', { value, onto }),
      loss: taped.value,
      ...Object.fromEntries(Object.entries(taped.gradients).map(([name, gradient]) => [`taped ${name}`, gradient])),
    };
    at.dispose();
    return all;
  });
  const numbers = Object.fromEntries(
    Object.entries(found).map(([name, tensor]) => [name, Array.from(tensor.dataSync())]),
  );
  release(found);
  expect(memory().numTensors).toBe(before);
  backend.dispose();
  return numbers;
};

it.each(CASES)(
  '$activation, $dim dimensions, hidden widths $hidden: kernels for whole nets agree with layer-by-layer passes',
  async (one) => {
    const wanted = await numbersOf(one, cpu());
    const got = await numbersOf(one, cpuBuild());
    expect(Object.keys(got)).toEqual(Object.keys(wanted));
    for (const [name, values] of Object.entries(wanted)) {
      const size = Math.max(1e-3, ...values.map(Math.abs));
      got[name]!.forEach((value, i) => {
        expect(Math.abs(value - values[i]!) / size, name).toBeLessThan(2e-5);
      });
    }
  },
);
