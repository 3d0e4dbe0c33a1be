import { cpu } from '@impflow/backend-cpu';
import { fold, key, normals, release, scoped } from '@impflow/core';
import { onBackend } from '@impflow/testkit';
import { adam, adamax, adamW, optimizers, sgd, type Optimizer } from '@impflow/training';
import { memory, tensor, variable, type Variable } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

onBackend(cpu());

const SIZE = 6;
const STEPS = 50;
const start = (): Float32Array => Float32Array.from(normals(key(1), SIZE));
/** Returns gradients that span five orders of magnitude. The last element is always 0. */
const gradientAt = (t: number): Float32Array =>
  Float32Array.from(normals(fold(key(2), t), SIZE), (g, i) => (i === SIZE - 1 ? 0 : g * 10 ** (i - 3)));
const rateAt = (t: number): number => 0.01 / (1 + t / 20);

type Reference = (theta: Float64Array, g: Float32Array, t: number, rate: number) => void;

/** Returns an update by the formulas of the papers in float64, with bias corrections. */
const adamReference = (decay: number): Reference => {
  const m = new Float64Array(SIZE);
  const v = new Float64Array(SIZE);
  return (theta, gradient, t, rate) => {
    for (let i = 0; i < SIZE; i++) {
      const g = gradient[i]!;
      m[i] = 0.9 * m[i]! + 0.1 * g;
      v[i] = 0.99 * v[i]! + 0.01 * g * g;
      const mHat = m[i]! / (1 - 0.9 ** t);
      const vHat = v[i]! / (1 - 0.99 ** t);
      theta[i] = theta[i]! - rate * (mHat / (Math.sqrt(vHat) + 1e-6) + decay * theta[i]!);
    }
  };
};
const adamaxReference = (): Reference => {
  const m = new Float64Array(SIZE);
  const u = new Float64Array(SIZE);
  return (theta, g, t, rate) => {
    for (let i = 0; i < SIZE; i++) {
      m[i] = 0.9 * m[i]! + 0.1 * g[i]!;
      u[i] = Math.max(0.99 * u[i]!, Math.abs(g[i]!));
      if (u[i]! > 0) theta[i] = theta[i]! - ((rate / (1 - 0.9 ** t)) * m[i]!) / u[i]!;
    }
  };
};
const sgdReference = (momentum: number, nesterov: boolean): Reference => {
  const b = new Float64Array(SIZE);
  return (theta, g, _t, rate) => {
    for (let i = 0; i < SIZE; i++) {
      b[i] = momentum * b[i]! + g[i]!;
      theta[i] = theta[i]! - rate * (nesterov ? g[i]! + momentum * b[i]! : b[i]!);
    }
  };
};

const trained = (optimizer: Optimizer): Float32Array => {
  const theta = scoped(() => variable(tensor(start(), [2, 3])));
  let state = optimizer.init({ theta });
  for (let t = 1; t <= STEPS; t++) {
    const gradient = tensor(gradientAt(t), [2, 3]);
    state = optimizer.update({ theta: gradient }, state, { theta }, rateAt(t));
    gradient.dispose();
  }
  expect(state.step).toBe(STEPS);
  const values = theta.dataSync() as Float32Array;
  release([state, theta]);
  return values;
};
const reference = (rule: Reference): Float64Array => {
  const theta = Float64Array.from(start());
  for (let t = 1; t <= STEPS; t++) rule(theta, gradientAt(t), t, rateAt(t));
  return theta;
};

const betas = { beta1: 0.9, beta2: 0.99 };

describe('optimizers', () => {
  it.each<[string, Optimizer, () => Reference]>([
    ['adam', adam({ ...betas, epsilon: 1e-6 }), () => adamReference(0)],
    ['adamW', adamW({ ...betas, epsilon: 1e-6, weightDecay: 0.3 }), () => adamReference(0.3)],
    ['adamax', adamax(betas), adamaxReference],
    ['sgd', sgd(), () => sgdReference(0, false)],
    ['sgd with momentum', sgd({ momentum: 0.9 }), () => sgdReference(0.9, false)],
    ['sgd with Nesterov momentum', sgd({ momentum: 0.9, nesterov: true }), () => sgdReference(0.9, true)],
  ])('%s follows its formula in float64 over 50 steps', (_name, optimizer, rule) => {
    const before = memory().numTensors;
    const got = trained(optimizer);
    const wanted = reference(rule());
    // Over 50 updates of values near 1, the rounding errors of float32 add up to 50 * 6e-8. The bound of the test is
    // larger, because the quotients have rounding errors too.
    got.forEach((value, i) => {
      expect(Math.abs(value - wanted[i]!)).toBeLessThan(1e-5 * Math.max(1, Math.abs(wanted[i]!)));
    });
    expect(memory().numTensors).toBe(before);
  });

  it('`adamW` decays parameters whose gradient is zero, and the decay does not change the moments', () => {
    const theta = variable(tensor([1, -2]));
    const zero = tensor([0, 0]);
    const optimizer = adamW({ weightDecay: 0.1 });
    let state = optimizer.init({ theta });
    for (let t = 0; t < 10; t++) state = optimizer.update({ theta: zero }, state, { theta }, 0.5);
    const [a, b] = theta.dataSync();
    // The decay multiplies each element by 1 - 0.5 * 0.1 per step. If the decay were added to the gradient, Adam would
    // divide it by its absolute value, and both elements would change by equal amounts per step.
    expect(a).toBeCloseTo(0.95 ** 10, 6);
    expect(b).toBeCloseTo(-2 * 0.95 ** 10, 6);
    expect(Array.from(state.slots['m.theta']!.dataSync())).toEqual([0, 0]);
    release([state, theta, zero]);
  });

  it('with `decaysVectors: false`, `adamW` decays matrices and does not decay vectors', () => {
    const parameters = { matrix: variable(tensor([[1, -2]])), vector: variable(tensor([1, -2])) };
    const gradients = { matrix: tensor([[0, 0]]), vector: tensor([0, 0]) };
    const optimizer = adamW({ weightDecay: 0.1, decaysVectors: false });
    const state = optimizer.update(gradients, optimizer.init(parameters), parameters, 0.5);
    expect(Array.from(parameters.matrix.dataSync())).toEqual([0.95, -1.9].map(Math.fround));
    expect(Array.from(parameters.vector.dataSync())).toEqual([1, -2]);
    release([state, parameters, gradients]);
  });

  it('an optimizer does not change parameters without a gradient', () => {
    const parameters: Record<string, Variable> = { a: variable(tensor([1])), b: variable(tensor([2])) };
    const gradient = tensor([1]);
    const optimizer = adam();
    const state = optimizer.update({ a: gradient }, optimizer.init(parameters), parameters, 0.1);
    expect(parameters['b']!.dataSync()[0]).toBe(2);
    expect(Object.keys(state.slots)).toEqual(['m.a', 'v.a', 'm.b', 'v.b']);
    release([state, parameters, gradient]);
  });

  it('an optimizer refuses the state of a different optimizer', () => {
    const theta = variable(tensor([1]));
    const gradient = tensor([1]);
    expect(() => adam().update({ theta: gradient }, sgd({ momentum: 0.5 }).init({ theta }), { theta }, 0.1)).toThrow(
      /lacks "m\.theta"/,
    );
    expect(theta.dataSync()[0]).toBe(1);
  });

  it('the registry contains the optimizers by name, and optimizers refuse options out of range', () => {
    expect(optimizers.create({ name: 'adamW', options: { weightDecay: 0.1 } }).name).toBe('adamW');
    expect(() => optimizers.create({ name: 'adamm' })).toThrow(/Did you mean "adam"/);
    expect(() => adam({ beta1: 1 })).toThrow(/Wrong beta1.*\[0, 1\)/);
    expect(() => adamW({ weightDecay: -1 })).toThrow(/Wrong weightDecay/);
    expect(() => sgd({ nesterov: true })).toThrow(/needs a momentum/);
  });
});
