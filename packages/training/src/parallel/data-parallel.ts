import { FlowError, scoped, type Key, type SolveReport } from '@impflow/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Learnable } from '../fit-options.ts';
import type { LossGradients } from '../gradient.ts';
import { exchanged, type Exchange } from './exchange.ts';
import { startHelper, type Helper } from './helper.ts';
import { loaded } from './layout.ts';
import { mergeReports } from './merge-reports.ts';
import { partOf } from './part.ts';
import type { WorkerModule } from './port.ts';
import { assertSameModel } from './same-model.ts';
import { shards } from './shards.ts';
import { sharesMemory } from './shared-memory.ts';
import { summed, type Part } from './sum.ts';

export interface DataParallelOptions {
  /** Workers in all, the caller included: it takes the first rows of each batch itself. */
  readonly workers: number;
  /** A module that calls `serveGradients`. */
  readonly module: WorkerModule;
  /** What that module builds the model from, and starts its backend by: whatever can be cloned (plain JSON, arrays). */
  readonly data?: unknown;
  /** Whether parameters and gradients lie in shared memory, rather than travel in messages. Default: where the platform has it. */
  readonly shared?: boolean;
}

/** Workers that share the gradient of each step: an option of `fit`. */
export interface DataParallel {
  /** In all, the caller included. */
  readonly workers: number;
  /**
   * The gradient of the whole batch that `draw` gives, as the caller alone would find it, up to the order of summation. The
   * random numbers of a row depend on the key and its place in the batch, so they are the same however rows are shared out.
   * The result belongs to the caller.
   *
   * @throws what the loss throws, `worker` for a worker that died (naming it), `option` where a worker built another model.
   */
  gradients(learnable: Learnable, draw: () => Tensor, key: Key, report: (report: SolveReport) => void): Promise<LossGradients>;
  /** Tensors alive in each of the other workers after the last step: constant where nothing leaks. */
  tensors(): readonly number[];
  /** Ends the other workers. */
  close(): Promise<void>;
}

/**
 * Starts workers and waits until each has built the model.
 *
 * @remarks A step costs each worker its share of the rows, and the caller two passes over parameters and gradients besides; the
 * hand-over takes a fraction of a millisecond. Workers keep nothing from step to step, so one that dies takes nothing along.
 * Where runs are to agree to the bit, the number of workers must be the same.
 * @throws `option` for a wrong number of workers, `worker` for one that does not start, and what its module throws.
 */
export const dataParallel = async ({ workers, module, data, shared = sharesMemory() }: DataParallelOptions): Promise<DataParallel> => {
  if (!Number.isSafeInteger(workers) || workers < 1) {
    throw new FlowError('option', 'training/dataParallel', 'Wrong number of workers', { expected: 'an integer >= 1', got: String(workers) });
  }
  const helpers = await startAll(workers, module, data);
  let exchange: Exchange | undefined;
  let alive: readonly number[] = [];
  return Object.freeze<DataParallel>({
    workers,
    gradients: async (learnable, draw, key, report) => {
      const batch = scoped(draw);
      try {
        const now = await exchanged(exchange, learnable.model, batch, { workers, shared });
        const { variables, variablesLayout, gradients, gradientsLayout, batch: rows, batchSlot } = now;
        if (exchange?.model !== learnable.model) for (const { name, layout } of helpers) assertSameModel(name, layout, variablesLayout);
        exchange = now;
        const [own, ...others] = shards(batch.shape[0] ?? 1, workers);
        // All of them settled, also after an error: nobody may write to this memory once this has returned.
        const asked = Promise.allSettled(others.map((shard, i) => helpers[i]!.ask({
          kind: 'gradient', key, shard, variables, batch: rows, batchSlot, ...(shared ? { gradients: gradients[i + 1]! } : {}),
        })));
        let mine: Part;
        try {
          mine = await partOf(learnable, () => (others.length === 0 ? batch : loaded(rows, batchSlot, own!)), key, gradientsLayout, gradients[0]!);
        } finally {
          await asked;
        }
        const answers = (await asked).map(fulfilled);
        alive = answers.map(({ tensors }) => tensors);
        const parts = [mine, ...answers.map((answer, i) => ({ gradients: gradients[i + 1]!, ...answer }))];
        for (const solve of mergeReports(parts.map(({ reports }) => reports))) report(solve);
        return summed(parts, [own!, ...others].map(({ count }) => count), gradientsLayout);
      } finally {
        batch.dispose();
      }
    },
    tensors: () => alive,
    close: async () => { await Promise.all(helpers.map((helper) => helper.terminate())); },
  });
};

/** All workers but the caller, or none: where one fails, the others end. */
const startAll = async (workers: number, module: WorkerModule, data: unknown): Promise<readonly Helper[]> => {
  const started = await Promise.allSettled(Array.from({ length: workers - 1 }, (_, i) => startHelper(`Worker ${i + 2} of ${workers}`, module, data)));
  if (started.every(({ status }) => status === 'fulfilled')) return started.map(fulfilled);
  await Promise.all(started.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value.terminate() : undefined)));
  return started.map(fulfilled);
};

const fulfilled = <T>(outcome: PromiseSettledResult<T>): T => {
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value;
};
