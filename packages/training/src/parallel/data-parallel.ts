import { FlowError, release, scoped, shown, type Key, type SolveReport } from '@impflow/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { lossGradients, type LossGradients } from '../gradient.ts';
import type { Learnable } from '../learnable.ts';
import { exchanged, sharesMemory, type Exchange } from './exchange.ts';
import { startHelper, type Asked, type Helper } from './helper.ts';
import { assertSameModel, loaded } from './layout.ts';
import { mergeReports } from './merge-reports.ts';
import { needsProcess, openWorker } from './open-worker.ts';
import type { WorkerModule, WorkerPort } from './port.ts';
import type { GradientRequest } from './protocol.ts';
import { joinedRows, mapNamed, rowsOf, type Mappable } from './row-map.ts';
import { shards, type Shard } from './shards.ts';
import { summed } from './sum.ts';

/** Options of {@link dataParallel}. */
export interface DataParallelOptions {
  /** Number of workers, including the caller. The caller computes the first rows of each batch. */
  readonly workers: number;
  /** Module that each worker runs. The module must call `serveWorker`. */
  readonly module: WorkerModule;
  /**
   * Returns the connection to a worker on another machine. Returns undefined for a worker that `dataParallel` starts
   * from `module` on this machine. `index` counts workers from 1, and the caller has the index 0. Default: all workers
   * are started on this machine.
   */
  readonly port?: (index: number) => WorkerPort | undefined;
  /**
   * Argument of the function `build` in `module`: a value that can be cloned, such as plain JSON and arrays. Default:
   * undefined.
   */
  readonly data?: unknown;
  /**
   * Whether parameters and gradients are in shared memory. If false, parameters and gradients are sent in messages.
   * Workers on other machines always use messages. Default: true if the platform has shared memory and workers are
   * threads.
   */
  readonly shared?: boolean;
}

/** Workers that share the computation of each gradient. `DataParallel` is an option of `fit`. */
export interface DataParallel {
  /** Number of workers, including the caller. */
  readonly workers: number;
  /**
   * Returns the loss and gradient of the batch that `draw` returns. A single worker would sum in a different order, so
   * its loss and gradient differ from these results by rounding. The random numbers of a row depend only on the key and
   * the index of the row in the batch, and not on the worker. The caller owns the result.
   *
   * @throws the errors of the loss; `worker` if a worker died; `option` if a worker built a different model.
   */
  gradients(
    learnable: Learnable,
    draw: () => Tensor,
    key: Key,
    report: (report: SolveReport) => void,
  ): Promise<LossGradients>;
  /**
   * Applies the map `name` to every row of a batch, `[B, ...] -> [B, ...]`. `mappable.maps` and the modules of the
   * workers must contain a map with this name. The random numbers of a row depend only on the key and the index of the
   * row. The caller owns the result.
   *
   * @throws the errors of the map; `worker` if a worker died; `option` for an unknown name.
   */
  map(
    mappable: Mappable,
    name: string,
    rows: Tensor,
    key: Key,
    report?: (report: SolveReport) => void,
  ): Promise<Tensor>;
  /**
   * Returns the number of live tensors in each worker except the caller, after the last step. A number that grows from
   * step to step indicates a leak.
   */
  tensors(): readonly number[];
  /** Ends all workers except the caller. The returned promise resolves when these workers have ended. */
  close(): Promise<void>;
}

/**
 * Starts workers for data-parallel training, and waits until each worker has built the model. Workers are threads, or
 * processes if the running backend allows only one instance per process.
 *
 * @remarks In each step, every worker computes the loss and gradient of a part of the rows. In addition, the caller
 * makes two passes over parameters and gradients, and the messages take a fraction of a millisecond. Workers keep no
 * state between steps, so if a worker dies, only the current step is lost. Two runs are bit-identical only if they have
 * the same number of workers.
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
 * @throws `option` for a wrong number of workers; `worker` if a worker does not start; the errors of the module's
 * `build`.
 */
export const dataParallel = async ({
  workers,
  module,
  port,
  data,
  shared = sharesMemory() && !needsProcess(),
}: DataParallelOptions): Promise<DataParallel> => {
  if (!Number.isSafeInteger(workers) || workers < 1) {
    throw new FlowError('option', 'training/dataParallel', 'Wrong number of workers', {
      expected: 'an integer >= 1',
      got: shown(workers),
    });
  }
  const helpers = await startAll(workers, (index) => port?.(index) ?? openWorker(module), data);
  const sharing = helpers.map(({ isHere }) => shared && isHere);
  let exchange: Exchange | undefined;
  let alive: readonly number[] = [];
  /**
   * Distributes a batch among the caller and the workers. Returns the result of the caller and the results of the
   * workers, each for a part of the rows.
   */
  const spread = async <Mine, Other extends { readonly tensors: number }>(
    model: Learnable['model'],
    batch: Tensor,
    own: (draw: () => Tensor, share: number) => Mine | Promise<Mine>,
    ask: (helper: Helper, question: Question, exchange: Exchange) => Asked<Other>,
  ): Promise<Spread<Mine, Other>> => {
    const now = await exchanged(exchange, model, batch, sharing);
    const { variables, variablesLayout, batch: memory, batchSlot } = now;
    if (exchange?.model !== model)
      for (const { name, layout } of helpers) assertSameModel(name, layout, variablesLayout);
    exchange = now;
    const count = batch.shape[0] ?? 1;
    const [first, ...rest] = shards(count, workers);
    const share = ({ count: some }: Shard): number => (rest.length === 0 ? 1 : some / count);
    // Even after an error, the function waits for all workers. A worker that still computes could otherwise write to
    // the shared memory after the function has returned.
    const questions = rest.map((shard, i) =>
      ask(helpers[i]!, { place: i, shard, share: share(shard), variables, batch: memory, batchSlot }, now),
    );
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
        const {
          mine,
          others,
          exchange: { gradients, gradientsLayout },
        } = await spread(
          learnable.model,
          batch,
          (rows, share) => scoped(() => lossGradients(learnable, rows(), key, (solve) => reports.push(solve), share)),
          (helper, { place, ...question }, { gradients }) =>
            helper.ask({
              kind: 'gradient',
              key,
              ...question,
              ...(gradients[place] === undefined ? {} : { gradients: gradients[place] }),
            }),
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
        model,
        rows,
        // The result is cloned, because a map may return its input, which belongs to the caller.
        (draw) => rowsOf(map, () => draw().clone(), key),
        (helper, { place: _place, share: _share, ...question }) => helper.ask({ kind: 'map', name, key, ...question }),
      );
      const parts = [mine, ...others];
      for (const solve of mergeReports(parts.map(({ reports }) => reports))) report(solve);
      return joinedRows(parts);
    },
    tensors: () => alive,
    close: async () => {
      await Promise.all(helpers.map((helper) => helper.terminate()));
    },
  });
};

/** The fields that all requests to a worker contain. */
interface Question extends Pick<GradientRequest, 'shard' | 'share' | 'variables' | 'batch' | 'batchSlot'> {
  /** Index of the worker that receives the request. The caller is not counted, so the first worker has the index 0. */
  readonly place: number;
}

interface Spread<Mine, Other> {
  readonly mine: Mine;
  readonly others: readonly Other[];
  readonly exchange: Exchange;
}

/**
 * Starts all workers except the caller. If a worker does not start, ends all started workers and throws the error of
 * the failed worker.
 */
const startAll = async (
  workers: number,
  open: (index: number) => WorkerPort,
  data: unknown,
): Promise<readonly Helper[]> => {
  const started = await Promise.allSettled(
    Array.from({ length: workers - 1 }, async (_, i) =>
      startHelper(`Worker ${i + 2} of ${workers}`, open(i + 1), data),
    ),
  );
  if (started.every(({ status }) => status === 'fulfilled')) return started.map(fulfilled);
  await Promise.all(started.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value.terminate() : undefined)));
  return started.map(fulfilled);
};

const fulfilled = <T>(outcome: PromiseSettledResult<T>): T => {
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value;
};
