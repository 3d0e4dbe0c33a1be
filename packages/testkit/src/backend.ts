import { key, normal, offTape, uniform, valueAndGradients, type BackendAdapter } from '@impflow/core';
import {
  abs, add, broadcastTo, clipByValue, concat, cos, div, elu, exp, expandDims, gather, getBackend, log, log1p, logSumExp, matMul, max, maximum, mean, memory, min, mul, neg,
  norm, pad, pow, relu, reshape, round, sigmoid, sign, sin, slice, softplus, sqrt, square, stack, sub, sum, tanh, tensor, tensor1d, tidy, tile, topk, transpose,
  unstack, variable, where, greater, type Tensor,
} from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect } from 'vitest';
import { laws, type Exceptions } from './law.ts';

/** The laws by name, so that an exception can be declared; each operation is a law of its own. */
export type BackendLaw = `operation: ${string}` | 'restart' | 'determinism' | 'keys' | 'memory';

export interface BackendSuite {
  readonly adapter: () => BackendAdapter;
  /** What the operations are compared with. */
  readonly reference: () => BackendAdapter;
  /** Largest relative difference of an operation and of its gradient. Default 1e-5. */
  readonly precision?: number;
  readonly except?: Exceptions<BackendLaw>;
}

/** The operations that the packages use, as functions of a matrix with entries in `[-2, 2]` and a positive one. */
const OPERATIONS: Readonly<Record<string, (x: Tensor, positive: Tensor) => Tensor>> = {
  abs, neg, exp, relu, elu, sigmoid, softplus, tanh, sin, cos, square,
  log: (_x, p) => log(p),
  log1p: (_x, p) => log1p(p),
  sqrt: (_x, p) => sqrt(p),
  'pow 1.5': (_x, p) => pow(p, 1.5),
  'add, rows broadcast': (x, p) => add(x, slice(p, [0, 0], [1, 4])),
  'sub, columns broadcast': (x, p) => sub(x, slice(p, [0, 0], [6, 1])),
  mul: (x, p) => mul(x, p),
  div: (x, p) => div(x, p),
  maximum: (x, p) => maximum(x, sub(p, 1)),
  'matMul': (x, p) => matMul(x, transpose(p)),
  'matMul, transpose flags': (x, p) => matMul(x, p, true, false),
  'matMul, batched': (x, p) => matMul(reshape(x, [2, 3, 4]), reshape(p, [2, 4, 3])),
  transpose: (x) => transpose(x),
  'transpose, three axes': (x) => transpose(reshape(x, [2, 3, 4]), [1, 2, 0]),
  'sum of rows': (x) => sum(x, 1),
  'sum of columns': (x) => sum(x, 0),
  mean: (x) => mean(x),
  'max of rows': (x) => max(x, 1),
  'min of rows': (x) => min(x, 1),
  norm: (x) => norm(x, 'euclidean', 1),
  logSumExp: (x) => logSumExp(x, 1),
  concat: (x, p) => concat([x, p], 1),
  slice: (x) => slice(x, [1, 1], [3, 2]),
  stack: (x, p) => stack([x, p]),
  unstack: (x) => add(unstack(x)[1]!, unstack(x)[4]!),
  tile: (x) => tile(x, [2, 3]),
  pad: (x) => pad(x, [[1, 0], [0, 2]]),
  'expandDims, broadcastTo': (x) => broadcastTo(expandDims(x, 1), [6, 5, 4]),
  gather: (x) => gather(x, tensor1d([3, 0, 3, 1], 'int32'), 1),
  'gather, rows': (x) => gather(x, tensor1d([5, 5, 2], 'int32')),
  clipByValue: (x) => clipByValue(x, -1, 1),
  where: (x, p) => where(offTape(() => greater(x, 0)), x, p),
};

/** Forward only: their gradients are zero or none. */
const FORWARD: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  sign, round,
  topk: (x) => topk(x, 3).values,
};

/**
 * Registers what a backend must keep so that everything else works on it: the operations in use and their gradients agree with a
 * reference backend, the same numbers come twice, it can be stopped and started again, and nothing leaks.
 */
export const testBackend = ({ adapter, reference, precision = 1e-5, except = {} }: BackendSuite): void => {
  const law = laws<BackendLaw>(except);
  const inputs = (): readonly [Tensor, Tensor] => [uniform(key(1), [6, 4], -2, 2), uniform(key(2), [6, 4], 0.3, 3)];
  const run = (f: (x: Tensor, positive: Tensor) => Tensor): readonly Float32Array[] => tidy(() => {
    const [x, p] = inputs().map((t) => variable(t));
    // A weighted sum, so that every entry of the gradient counts.
    const weighted = (): Tensor => { const y = f(x!, p!); return sum(mul(y, reshape(normal(key(3), [y.size]), y.shape))); };
    const { gradients } = valueAndGradients(weighted, { x: x!, p: p! });
    const results = [f(x!, p!), ...Object.values(gradients).filter((g) => g !== undefined)].map((t) => Float32Array.from(t.dataSync()));
    x!.dispose();
    p!.dispose();
    return results as never;
  }) as unknown as readonly Float32Array[];
  const forward = (f: (x: Tensor) => Tensor): Float32Array => tidy(() => Float32Array.from(f(inputs()[0]).dataSync()) as never) as unknown as Float32Array;
  const compare = (got: Float32Array, wanted: Float32Array): void => {
    expect(got.length).toBe(wanted.length);
    const size = Math.max(1, ...wanted.map(Math.abs));
    got.forEach((value, i) => { expect(Math.abs(value - wanted[i]!) / size).toBeLessThan(precision); });
  };

  describe(`${adapter().name} keeps the backend laws`, () => {
    const wanted = new Map<string, readonly Float32Array[]>();
    const drawn = (): readonly number[] => tidy(() => [...normal(key(9), [100]).dataSync()] as never) as unknown as readonly number[];
    let drawnThere: readonly number[];
    beforeAll(async () => {
      await reference().start();
      for (const [name, f] of Object.entries(OPERATIONS)) wanted.set(name, run(f));
      for (const [name, f] of Object.entries(FORWARD)) wanted.set(name, [forward(f)]);
      drawnThere = drawn();
      await adapter().start();
    });

    for (const [name, f] of Object.entries(OPERATIONS)) {
      law(`operation: ${name}`, () => { run(f).forEach((got, i) => { compare(got, wanted.get(name)![i]!); }); });
    }
    for (const [name, f] of Object.entries(FORWARD)) law(`operation: ${name}`, () => { compare(forward(f), wanted.get(name)![0]!); });

    law('determinism', () => {
      const once = run((x, p) => matMul(tanh(matMul(x, transpose(p))), x));
      expect(run((x, p) => matMul(tanh(matMul(x, transpose(p))), x))).toEqual(once);
    });

    law('keys', () => {
      expect(new Set(drawnThere).size).toBe(100);
      expect(drawn()).toEqual(drawnThere);
    });

    law('memory', () => {
      const step = (): void => { run((x, p) => softplus(matMul(x, transpose(p)))); };
      step();
      const before = memory().numTensors;
      for (let i = 0; i < 20; i++) step();
      expect(memory().numTensors).toBe(before);
    });

    law('restart', async () => {
      const backend = await adapter().start();
      expect(getBackend()).toBe(backend.name);
      backend.dispose();
      await adapter().start();
      expect(getBackend()).toBe(backend.name);
      const values = tidy(() => add(tensor([1, 2]), 1).dataSync());
      expect([...values]).toEqual([2, 3]);
    });
  });
};
