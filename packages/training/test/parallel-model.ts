import { drawNormal, drawUniform } from '@impflow/core';
import type { Learnable, Mappable } from '@impflow/training';
import { add, mul, sum, variable, zeros } from '@tensorflow/tfjs-core';
import { gaussian } from './model.ts';

export const SEED = 21;

export interface WorkerData {
  readonly fault?: 'build' | 'exit at start' | 'other model' | 'exit' | 'throw' | 'crash';
  /** Number of steps that the worker computes before it fails. */
  readonly at?: number;
}

interface Noisy extends Learnable, Mappable {
  readonly model: ReturnType<typeof gaussian>;
}

/** Returns a model whose loss draws two kinds of random numbers per row and reports one solve per call. */
export const noisy = (seed: number): Noisy => {
  const model = gaussian(seed);
  return {
    model,
    loss: (batch, key, report) => {
      const rows = batch.shape[0]!;
      report({
        at: 'blocks.0',
        phase: 'forward',
        status: 'converged',
        stats: {
          solver: 'newton',
          steps: 2 + (key.row === undefined ? 0 : 1),
          evaluations: 3,
          residual: new Float32Array(rows).fill(1e-6),
          converged: new Uint8Array(rows).fill(1),
          status: Array.from({ length: rows }, () => 'converged'),
          path: ['newton'],
        },
      });
      return model.nats(
        add(batch, add(mul(0.3, drawNormal(key, batch.shape)), mul(0.1, drawUniform(key, batch.shape)))),
      );
    },
    maps: {
      noised: (rows, key, report) => {
        const count = rows.shape[0]!;
        report({
          at: 'blocks.0',
          phase: 'inverse',
          status: 'converged',
          stats: {
            solver: 'anderson',
            steps: 2,
            evaluations: 3,
            residual: new Float32Array(count).fill(1e-6),
            converged: new Uint8Array(count).fill(1),
            status: Array.from({ length: count }, () => 'converged'),
            path: ['anderson'],
          },
        });
        return add(mul(rows, sum(model.parameters['net.weight']!)), drawNormal(key, rows.shape));
      },
      given: (rows) => rows,
    },
  };
};

/** Returns the model that `noisy` returns, with an additional parameter. */
export const wider = (seed: number): Learnable => {
  const { model, loss } = noisy(seed);
  return { loss, model: { ...model, parameters: { ...model.parameters, more: variable(zeros([2])) } } };
};
