import { FlowError, release, scoped, type Key, type SolveReport } from '@impflow/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Learnable } from '../fit-options.ts';
import { lossGradients, type LossGradients } from '../gradient.ts';
import { exchanged, type Exchange } from './exchange.ts';
import { startHelper, type Asked, type Helper } from './helper.ts';
import { loaded } from './layout.ts';
import { mergeReports } from './merge-reports.ts';
import { needsProcess, type WorkerModule } from './port.ts';
import type { GradientRequest } from './protocol.ts';
import { assertSameModel } from './same-model.ts';
import { shards, type Shard } from './shards.ts';
import { sharesMemory } from './shared-memory.ts';
import { joinedRows, mapNamed, rowsOf, type Mappable } from './row-map.ts';
import { summed } from './sum.ts';

export interface DataParallelOptions {
  /** Workers in all, the caller included: it takes the first rows of each batch itself. */
  readonly workers: number;
  /** A module that calls `serveWorker`. */
  readonly module: WorkerModule;
  /** What that module builds the model from, and starts its backend by: whatever can be cloned (plain JSON, arrays). */
  readonly data?: unknown;
  /** Whether parameters and gradients lie in shared memory, rather than travel in messages. Default: where the platform has it, and workers are threads. */
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
  /**
   * One of the `maps` of every row of a batch, `[B, ...] -> [B, ...]`, which the modules of the workers have under the same `name`.
   * Random numbers as in {@link gradients}. The result belongs to the caller.
   *
   * @throws what the map throws, `worker` for a worker that died (naming it), `option` for an unknown name.
   */
  map(mappable: Mappable, name: string, rows: Tensor, key: Key, report?: (report: SolveReport) => void): Promise<Tensor>;
  /** Tensors alive in each of the other workers after the last step: constant where nothing leaks. */
  tensors(): readonly number[];
  /** Ends the other workers. */
  close(): Promise<void>;
}

/**
 * Starts workers and waits until each has built the model. They are threads, or processes where the running backend says that a process holds one of it.
 *
 * @remarks A step costs each worker its share of the rows, and the caller two passes over parameters and gradients besides; the
 * hand-over takes a fraction of a millisecond. Workers keep nothing from step to step, so one that dies takes nothing along.
 * Where runs are to agree to the bit, the number of workers must be the same.
 * @example
 * ```js no-run="two files"
 * // worker.js
 * serveWorker(async ({ spec }) => {
 *   await wasm().start();
 *   const model = buildFlow(spec);
 *   return { model, loss: (rows, key, report) => neg(mean(model.logProb(rows, { train: true, key, report }))) };
 * });
 * // main.js
 * const parallel = await dataParallel({ workers: 2, module: new URL('./worker.js', import.meta.url), data: { spec } });
 * await fitToEnd({ model, loss, batch, optimizer: adam(), learningRate: 1e-3, steps: 1000, key: key(1), parallel });
 * await parallel.close();
 * ```
 * @throws `option` for a wrong number of workers, `worker` for one that does not start, and what its module throws.
 */
export const dataParallel = async ({ workers, module, data, shared = sharesMemory() && !needsProcess() }: DataParallelOptions): Promise<DataParallel> => {
  if (!Number.isSafeInteger(workers) || workers < 1) {
    throw new FlowError('option', 'training/dataParallel', 'Wrong number of workers', { expected: 'an integer >= 1', got: String(workers) });
  }
  const helpers = await startAll(workers, module, data);
  let exchange: Exchange | undefined;
  let alive: readonly number[] = [];
  /** Hands a batch out: what the caller finds at its rows, then what the others find at theirs. */
  const spread = async <Mine, Other extends { readonly tensors: number }>(
    model: Learnable['model'], batch: Tensor, own: (draw: () => Tensor, share: number) => Mine | Promise<Mine>,
    ask: (helper: Helper, question: Question, exchange: Exchange) => Asked<Other>,
  ): Promise<Spread<Mine, Other>> => {
    const now = await exchanged(exchange, model, batch, { workers, shared });
    const { variables, variablesLayout, batch: memory, batchSlot } = now;
    if (exchange?.model !== model) for (const { name, layout } of helpers) assertSameModel(name, layout, variablesLayout);
    exchange = now;
    const count = batch.shape[0] ?? 1;
    const [first, ...rest] = shards(count, workers);
    const share = ({ count: some }: Shard): number => (rest.length === 0 ? 1 : some / count);
    // All of them settled, also after an error: nobody may write to this memory once this has returned.
    const questions = rest.map((shard, i) => ask(helpers[i]!, { place: i, shard, share: share(shard), variables, batch: memory, batchSlot }, now));
    const asked = Promise.allSettled(questions.map(({ answer }) => answer));
    let mine: Mine;
    try {
      await Promise.all(questions.map(({ handed }) => handed));
      mine = await own(() => (rest.length === 0 ? batch : loaded(memory, batchSlot, first!)), share(first!));
    } finally {
      await asked;
    }
    try {
      const others = (await asked).map(fulfilled);
      alive = others.map(({ tensors }) => tensors);
      return { mine, others, exchange: now };
    } catch (error) {
      release(mine);
      throw error;
    }
  };
  return Object.freeze<DataParallel>({
    workers,
    gradients: async (learnable, draw, key, report) => {
      const batch = scoped(draw);
      const reports: SolveReport[] = [];
      try {
        const { mine, others, exchange: { gradients, gradientsLayout } } = await spread(
          learnable.model, batch,
          (rows, share) => scoped(() => lossGradients(learnable, rows(), key, (solve) => reports.push(solve), share)),
          (helper, { place, ...question }, { gradients }) => helper.ask({ kind: 'gradient', key, ...question, ...(shared ? { gradients: gradients[place]! } : {}) }),
        );
        const parts = others.map((answer, i) => ({ gradients: gradients[i]!, ...answer }));
        for (const solve of mergeReports([reports, ...parts.map((part) => part.reports)])) report(solve);
        const whole = summed(mine, parts, batch.shape[0] ?? 1, gradientsLayout);
        release(mine);
        return whole;
      } finally {
        batch.dispose();
      }
    },
    map: async ({ model, maps }, name, rows, key, report = () => {}) => {
      const map = mapNamed(maps, name);
      const { mine, others } = await spread(
        model, rows,
        // A clone: a map may give its rows back, and they stay the caller's.
        (draw) => rowsOf(map, () => draw().clone(), key),
        (helper, { place: _place, share: _share, ...question }) => helper.ask({ kind: 'map', name, key, ...question }),
      );
      const parts = [mine, ...others];
      for (const solve of mergeReports(parts.map(({ reports }) => reports))) report(solve);
      return joinedRows(parts);
    },
    tensors: () => alive,
    close: async () => { await Promise.all(helpers.map((helper) => helper.terminate())); },
  });
};

/** What every worker is asked. */
interface Question extends Pick<GradientRequest, 'shard' | 'share' | 'variables' | 'batch' | 'batchSlot'> {
  /** Among the others, from 0. */
  readonly place: number;
}

interface Spread<Mine, Other> {
  readonly mine: Mine;
  readonly others: readonly Other[];
  readonly exchange: Exchange;
}

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
