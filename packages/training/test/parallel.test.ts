import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { cpu } from '@impflow/backend-cpu';
import { key, release, startRegistered, type SolveReport } from '@impflow/core';
import { onBackend } from '@impflow/testkit';
import { dataParallel, fitToEnd, type DataParallel, type StepMetrics, type TrainingState } from '@impflow/training';
import { memory } from '@tensorflow/tfjs-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mergeReports } from '../src/parallel/merge-reports.ts';
import { shards } from '../src/parallel/shards.ts';
import { everything, rows } from './model.ts';
import { noisy, SEED, type WorkerData } from './parallel-model.ts';

onBackend(cpu());
let folder: string;
let module: URL;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'impflow-parallel-'));
  // A worker thread cannot run TypeScript, so the test bundles the current sources.
  await build({
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: true },
    environments: {
      ssr: { resolve: { conditions: ['@impflow/source', 'node', 'import', 'default'], noExternal: true } },
    },
    build: {
      ssr: fileURLToPath(new URL('gradient-worker.ts', import.meta.url)),
      outDir: folder,
      target: 'node20',
      rolldownOptions: { output: { entryFileNames: 'worker.mjs' } },
    },
  });
  module = pathToFileURL(join(folder, 'worker.mjs'));
});
afterAll(() => rm(folder, { recursive: true }));

const start = (workers: number, data: WorkerData = {}, shared?: boolean): Promise<DataParallel> =>
  dataParallel({ workers, module, data, ...(shared === undefined ? {} : { shared }) });

interface Found {
  readonly numbers: Readonly<Record<string, readonly number[]>>;
  readonly reports: readonly SolveReport[];
}

/** Computes the loss and the gradients of a batch of `count` rows. */
const found = async (parallel: DataParallel, count = 101): Promise<Found> => {
  const learnable = noisy(SEED);
  const reports: SolveReport[] = [];
  const {
    value,
    gradients,
    rows: all,
  } = await parallel.gradients(
    learnable,
    () => rows(key(3), count),
    key(4),
    (report) => {
      reports.push(report);
    },
  );
  expect(all).toBe(count);
  const numbers = Object.fromEntries(
    Object.entries({ loss: value, ...gradients }).map(([name, x]) => [name, [...x.dataSync()]]),
  );
  release([value, gradients, learnable.model.parameters, learnable.model.buffers]);
  return { numbers, reports };
};

const expectClose = (got: Found['numbers'], wanted: Found['numbers']): void => {
  expect(Object.keys(got)).toEqual(Object.keys(wanted));
  for (const [name, values] of Object.entries(wanted)) {
    const scale = Math.max(...values.map(Math.abs));
    got[name]!.forEach((x, i) => {
      expect(Math.abs(x - values[i]!) / scale).toBeLessThan(2e-6);
    });
  }
};

describe('shards', () => {
  it.each([
    [101, 3],
    [4, 4],
    [3, 8],
    [0, 2],
    [1000, 7],
  ])('%i rows are divided evenly among %i workers', (count, workers) => {
    const parts = shards(count, workers);
    const sizes = parts.map((part) => part.count);
    expect(sizes.reduce((a, b) => a + b, 0)).toBe(count);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    expect(parts).toHaveLength(Math.max(1, Math.min(count, workers)));
    parts.forEach(({ from }, i) => {
      expect(from).toBe(sizes.slice(0, i).reduce((a, b) => a + b, 0));
    });
  });
});

describe('`mergeReports`', () => {
  const report = (
    at: string,
    steps: number,
    residual: readonly number[],
    converged = residual.map(() => 1),
  ): SolveReport => ({
    at,
    phase: 'forward',
    status: converged.every((flag) => flag === 1) ? 'converged' : 'max-steps',
    stats: {
      solver: 'newton',
      steps,
      evaluations: steps + 1,
      residual: Float32Array.from(residual),
      converged: Uint8Array.from(converged),
      status: converged.map((flag) => (flag === 1 ? 'converged' : 'max-steps')),
      path: ['newton'],
    },
  });

  it('the reports of all workers are merged, with all rows in order and the largest number of steps', () => {
    const merged = mergeReports([
      [report('a', 2, [1, 2]), report('b', 3, [3, 4]), report('a', 1, [7, 7])],
      [report('a', 5, [5], [0]), report('b', 1, [6]), report('a', 4, [8])],
    ]);
    expect(merged).toEqual([
      report('a', 5, [1, 2, 5], [1, 1, 0]),
      report('b', 3, [3, 4, 6]),
      report('a', 4, [7, 7, 8]),
    ]);
  });
});

describe('the gradient of several workers', () => {
  it('a gradient that several workers compute equals the gradient of one worker up to rounding, with and without shared memory', async () => {
    const alone = await start(1);
    const reference = await found(alone);
    expect(reference.reports).toHaveLength(1);
    for (const [workers, shared] of [
      [2, true],
      [2, false],
      [3, true],
      [3, false],
    ] as const) {
      const parallel = await start(workers, {}, shared);
      const { numbers, reports } = await found(parallel);
      expectClose(numbers, reference.numbers);
      expect(reports).toEqual([{ ...reference.reports[0]!, stats: { ...reference.reports[0]!.stats, steps: 3 } }]);
      // Repeated calls give identical bits, even after a batch with fewer rows than workers and after a batch with more
      // rows than fit into the memory.
      expectClose((await found(parallel, 2)).numbers, (await found(alone, 2)).numbers);
      expectClose((await found(parallel, 500)).numbers, (await found(alone, 500)).numbers);
      expect((await found(parallel)).numbers).toEqual(numbers);
      await parallel.close();
    }
  });

  it('two trainings with several workers give equal bits, leak no tensors, and differ from one worker only by rounding', async () => {
    const run = async (
      parallel: DataParallel | undefined,
    ): Promise<{ readonly metrics: readonly StepMetrics[]; readonly tensors: Set<string> }> => {
      const learnable = noisy(SEED);
      const metrics: StepMetrics[] = [];
      const tensors = new Set<string>();
      const { state } = await fitToEnd(
        { ...everything(learnable.model, 12), ...learnable, ...(parallel === undefined ? {} : { parallel }) },
        ({ seconds: _s, state: _state, ...step }) => {
          metrics.push(step);
          if (step.step > 3) tensors.add(JSON.stringify([memory().numTensors, parallel?.tensors()]));
        },
      );
      release([state, learnable.model.parameters, learnable.model.buffers]);
      return { metrics, tensors };
    };
    const [plain, one] = [await run(undefined), await start(1)];
    expect((await run(one)).metrics).toEqual(plain.metrics);
    const parallel = await start(3);
    const [first, second] = [await run(parallel), await run(parallel)];
    expect(second.metrics).toEqual(first.metrics);
    expect([first.tensors.size, plain.tensors.size]).toEqual([1, 1]);
    first.metrics.forEach(({ loss, gradientNorm, rows: count }, i) => {
      expect(count).toBe(32);
      expect(Math.abs(loss / plain.metrics[i]!.loss - 1)).toBeLessThan(1e-4);
      expect(Math.abs(gradientNorm / plain.metrics[i]!.gradientNorm - 1)).toBeLessThan(1e-3);
    });
    await parallel.close();
  });
});

describe('a row map over several workers', () => {
  it("a row map that several workers compute gives the results of one worker, and does not dispose the caller's rows", async () => {
    const noised = noisy(SEED);
    const batch = rows(key(3), 101);
    const before = memory().numTensors;
    const results: number[][] = [];
    for (const [workers, shared] of [
      [1, true],
      [2, true],
      [3, false],
    ] as const) {
      const parallel = await start(workers, {}, shared);
      const reports: SolveReport[] = [];
      const mapped = await parallel.map(noised, 'noised', batch, key(4), (report) => {
        reports.push(report);
      });
      expect(mapped.shape).toEqual(batch.shape);
      expect(reports.map(({ phase, stats }) => [phase, stats.residual.length])).toEqual([['inverse', 101]]);
      results.push([...mapped.dataSync()]);
      const same = await parallel.map(noised, 'given', batch, key(4));
      expect(same.dataSync()).toEqual(batch.dataSync());
      release([mapped, same]);
      // The workers and the memory of the row map can then compute a gradient.
      await found(parallel, 7);
      await parallel.close();
    }
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
    expect(memory().numTensors).toBe(before);
    release([batch, noised.model.parameters, noised.model.buffers]);
  });

  it('a row map with an unknown name is refused, and the message lists the known names', async () => {
    const parallel = await start(2);
    const learnable = noisy(SEED);
    const batch = rows(key(3), 8);
    await expect(parallel.map(learnable, 'decode', batch, key(4))).rejects.toThrow(
      'Unknown map: expected one of noised, given, got decode.',
    );
    await expect(
      parallel.map({ ...learnable, maps: { decode: (x) => x.clone() } }, 'decode', batch, key(4)),
    ).rejects.toThrow('Worker 2 of 2 failed: [training/dataParallel] Unknown map');
    release([batch, learnable.model.parameters, learnable.model.buffers]);
    await parallel.close();
  });
});

describe('a worker that fails', () => {
  it.each([
    ['build', 'registry', 'Worker 2 of 2 failed: [test/build] No such thing.'],
    ['exit at start', 'worker', 'Worker 2 of 2 did not start: expected an answer, got exit code 3.'],
  ] as const)(
    '`dataParallel` throws if a worker fails before it has built its model (%s)',
    async (fault, code, message) => {
      await expect(start(2, { fault })).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
    },
  );

  it('`dataParallel` throws if a worker cannot load its module', async () => {
    await expect(
      dataParallel({ workers: 2, module: pathToFileURL(join(folder, 'nowhere.mjs')) }),
    ).rejects.toMatchObject({ code: 'worker', message: expect.stringContaining('nowhere.mjs') });
  });

  it.each([
    ['exit', 3, 'worker', 'exit code 7. Only this step is lost: resume from the last checkpoint.'],
    ['crash', 3, 'worker', 'got crash.'],
    ['throw', 3, 'convergence', 'failed: [test/loss] No convergence.'],
    [
      'other model',
      0,
      'option',
      'Worker 2 of 3 built a different model: expected parameters.more as none, got float32 [2].',
    ],
  ] as const)(
    'if a worker fails in a step (%s), the message contains its name, and the model keeps the values of the previous step',
    async (fault, good, code, message) => {
      const before = memory().numTensors;
      const learnable = noisy(SEED);
      const parallel = await start(3, { fault, at: 3 });
      const seen: number[][] = [];
      const weight = (): number[] => [...learnable.model.parameters['net.weight']!.dataSync()];
      const begun = weight();
      let last: TrainingState | undefined;
      const error: unknown = await fitToEnd(
        { ...everything(learnable.model, 20), ...learnable, parallel },
        ({ state }) => {
          seen.push(weight());
          last = state;
        },
      ).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({
        code,
        message: expect.stringMatching(/^\[training\/dataParallel\] Worker [23] of 3 /),
      });
      expect((error as Error).message).toContain(message);
      // The worker may crash before or after it sends its response.
      expect(seen.length).toBeGreaterThanOrEqual(good);
      expect(weight()).toEqual(seen.at(-1) ?? begun);
      release([learnable.model.parameters, learnable.model.buffers, last]);
      await parallel.close();
      expect(memory().numTensors).toBe(before);
    },
  );

  it('after a worker has died, every request fails with the same error', async () => {
    const parallel = await start(2, { fault: 'exit' });
    const learnable = noisy(SEED);
    const ask = (): Promise<unknown> =>
      parallel.gradients(
        learnable,
        () => rows(key(3), 8),
        key(4),
        () => {},
      );
    const first: unknown = await ask().catch((error: unknown) => error);
    expect(first).toMatchObject({ code: 'worker', message: expect.stringContaining('exit code 7') });
    await expect(ask()).rejects.toBe(first);
    await parallel.close();
  });

  it('a request after `close` is rejected', async () => {
    const parallel = await start(2);
    await parallel.close();
    await expect(
      parallel.gradients(
        noisy(SEED),
        () => rows(key(3), 8),
        key(4),
        () => {},
      ),
    ).rejects.toThrow('got closed');
  });

  it('a wrong number of workers is refused', async () => {
    await expect(start(0)).rejects.toThrow(
      '[training/dataParallel] Wrong number of workers: expected an integer >= 1, got 0.',
    );
  });
});

describe('if the backend allows only one instance per process', () => {
  beforeAll(async () => {
    await startRegistered('cpu', {
      capabilities: { precision: 32, syncRead: true, device: 'cpu', threads: 1, ownProcess: true },
    });
  });
  afterAll(async () => {
    await cpu().start();
  });

  it('worker processes compute the gradient that one worker computes, up to rounding', async () => {
    const alone = await found(await start(1));
    const parallel = await start(3);
    for (let step = 0; step < 3; step++) expectClose((await found(parallel)).numbers, alone.numbers);
    expect(new Set(parallel.tensors()).size).toBe(1);
    await parallel.close();
  });

  it('if a worker process ends or throws an error, the message contains the name of the worker', async () => {
    const dies = await start(2, { fault: 'exit' });
    await expect(found(dies)).rejects.toThrow(
      '[training/dataParallel] Worker 2 of 2 is gone: expected an answer, got exit code 7. Only this step is lost',
    );
    await dies.close();
    const throws = await start(2, { fault: 'throw' });
    await expect(found(throws)).rejects.toThrow('Worker 2 of 2 failed: [test/loss] No convergence');
    await throws.close();
    await expect(start(2, { fault: 'exit at start' })).rejects.toThrow(
      'Worker 2 of 2 did not start: expected an answer, got exit code 3.',
    );
  });
});
