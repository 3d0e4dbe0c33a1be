import { buildFlow, tabularPreset, toyPreset, type FlowSpec } from '@impflow/flows';
import {
  decodeCheckpoint,
  encodeCheckpoint,
  encodeSafetensors,
  restoreVariables,
  type Checkpoint,
} from '@impflow/training';
import { memory, tensor } from '@tensorflow/tfjs-core';
import { isRecordsSpec, type TableContents } from 'impflow/run';
import { describe, expect, it } from 'vitest';
import { heard, losses, mean, several, SMALL, until, waiting } from './harness.ts';

describe('training in the worker', () => {
  it('training reduces the loss of the moons data, and every step is reported once', async () => {
    const { worker, steps, bundles, start, failures } = heard();
    const started = await start();
    expect(started).toMatchObject({
      step: 0,
      computing: expect.stringMatching(/^WebAssembly, /),
      spec: { dim: 2, version: 1 },
    });
    expect(started.parameters).toBe(4 * (2 * 24 + 24 + (24 * 24 + 24) + (24 * 2 + 2)));
    expect(started.fallback).toBeUndefined();
    worker.run(0);
    await until(() => steps.length >= 100);
    await worker.pause();
    expect(steps.map(({ step }) => step)).toEqual(Array.from(steps, (_, i) => i + 1));
    expect(worker.ping()).toBe(steps.length);
    expect(mean(losses({ steps }).slice(0, 5))).toBeGreaterThan(3);
    expect(mean(losses({ steps }).slice(-20))).toBeLessThan(2.7);
    for (const { seconds, solverSteps, unconverged } of steps) {
      expect(seconds).toBeGreaterThan(0);
      expect(solverSteps).toBeGreaterThanOrEqual(0);
      expect(unconverged).toBeGreaterThanOrEqual(0);
    }
    expect(steps.at(-1)!.solverSteps).toBeGreaterThan(0);
    // Each message contains the reports of several steps.
    expect(bundles.length).toBeLessThan(steps.length);
    expect(failures).toEqual([]);
  });

  it.each(['residual', 'monotone', 'coupling'] as const)('the trainer can train a %s flow', async (kind) => {
    const { worker, steps, start } = heard();
    const { spec } = await start({
      model: { ...SMALL, kind, blocks: 4, ...(kind === 'coupling' ? { solver: { name: 'newton' } } : {}) },
    });
    expect(spec.blocks.some((block) => block.kind === kind)).toBe(true);
    await several(40, () => worker.step());
    expect(steps.at(-1)!.loss).toBeLessThan(steps[0]!.loss);
    expect(steps.every(({ solverSteps }) => (solverSteps === undefined) === (kind !== 'monotone'))).toBe(true);
  });

  it('starting a new model disposes all tensors of the previous model', async () => {
    const { worker, start } = heard();
    const counts: number[] = [];
    for (const model of [SMALL, { ...SMALL, kind: 'coupling' as const }, SMALL, { ...SMALL, hidden: [16] }, SMALL]) {
      await start({ model });
      await several(3, () => worker.step());
      await worker.checkpoint('whole');
      counts.push(memory().numTensors);
    }
    expect(new Set([counts[0], counts[2], counts[4]]).size).toBe(1);
    await several(20, () => worker.step());
    expect(memory().numTensors).toBe(counts[4]);
  });

  it('the trainer refuses an invalid learning rate or batch size', async () => {
    const { worker, start } = heard();
    await expect(start({ learningRate: 0 })).rejects.toThrow('learning rate: expected a positive number, got 0');
    expect(() => worker.run(0)).toThrow('No model to train');
    expect(worker.ping()).toBe(0);
    await start();
    expect(() => worker.change({ batch: 2.5 })).toThrow('batch size');
    await worker.step();
    expect(worker.ping()).toBe(1);
  });
});

describe('the loop of training steps', () => {
  it('a trainer on hold makes no step but responds to calls; it continues as soon as the hold ends', async () => {
    const { worker, steps, start } = heard();
    await start();
    worker.run(0);
    await until(() => steps.length > 3);
    worker.hold(60_000);
    // A checkpoint is made only after the running step has ended.
    await worker.checkpoint('weights');
    const held = worker.ping();
    await waiting(200);
    expect(worker.ping()).toBe(held);
    worker.hold(0);
    await until(() => worker.ping() > held + 3);
    // Training is suspended only for the given time. A pause ends the suspension, and single steps are not delayed.
    worker.hold(50);
    const short = worker.ping();
    await until(() => worker.ping() > short + 1);
    worker.hold(60_000);
    await worker.pause();
    const paused = worker.ping();
    await worker.step();
    expect(worker.ping()).toBe(paused + 1);
  });

  it('the trainer pauses, makes single steps and continues training', async () => {
    const { worker, steps, start } = heard();
    await start();
    worker.run(0);
    worker.run(0);
    await until(() => steps.length > 5);
    await worker.pause();
    const rested = worker.ping();
    expect(steps.length).toBe(rested);
    await waiting(100);
    expect(worker.ping()).toBe(rested);
    await worker.step();
    expect(steps.length).toBe(rested + 1);
    await Promise.all([worker.step(), worker.step()]);
    expect(steps.length).toBe(rested + 3);
    worker.run(0);
    await worker.pause();
    // The loop makes no step here, because the pause was requested before its first step.
    expect(worker.ping()).toBe(rested + 3);
    worker.run(0);
    const paused = worker.pause();
    worker.run(0);
    await paused;
    await until(() => steps.length > rested + 10);
    await worker.step();
    const after = worker.ping();
    await waiting(100);
    expect(worker.ping()).toBe(after);
    expect(steps.map(({ step }) => step)).toEqual(Array.from(steps, (_, i) => i + 1));
  });

  it('training runs in slow motion, and becomes faster immediately when full speed is requested', async () => {
    const { worker, steps, start } = heard();
    await start();
    const began = performance.now();
    worker.run(100);
    await until(() => steps.length >= 4);
    expect(performance.now() - began).toBeGreaterThan(295);
    worker.run(60_000);
    await until(() => steps.length >= 5);
    const before = steps.length;
    await worker.checkpoint('weights');
    expect(steps.length).toBe(before);
    worker.run(0);
    await until(() => steps.length > before + 10);
    worker.run(60_000);
    await waiting(50);
    // Pausing does not wait until the 60 seconds between two steps have passed.
    await worker.pause();
  });

  it('a changed learning rate or batch size is used from the next step on', async () => {
    const run = async (rate: number, batch: number): Promise<readonly number[]> => {
      const told = heard();
      await told.start();
      await several(3, () => told.worker.step());
      told.worker.change({ learningRate: rate });
      told.worker.change({ batch });
      await several(3, () => told.worker.step());
      return losses(told);
    };
    const [same, again, fast, large] = [
      await run(5e-3, 256),
      await run(5e-3, 256),
      await run(5e-2, 256),
      await run(5e-3, 300),
    ];
    expect(again).toEqual(same);
    // A changed learning rate in the fourth step first affects the loss of the fifth step. A changed batch size already
    // affects the loss of the fourth step.
    expect(fast.slice(0, 4)).toEqual(same.slice(0, 4));
    expect(fast[4]).not.toBe(same[4]);
    expect(large.slice(0, 3)).toEqual(same.slice(0, 3));
    expect(large[3]).not.toBe(same[3]);
  });
});

describe('a failed training step', () => {
  it.each([1e6, 1e30])(
    'after a failure at learning rate %d, good weights are restored and training can continue at a lower rate',
    async (learningRate) => {
      const { worker, steps, start, failures } = heard();
      await start();
      await several(20, () => worker.step());
      worker.change({ learningRate });
      worker.run(0);
      await until(() => failures.length > 0);
      await worker.pause();
      expect(failures).toEqual([
        {
          message: expect.stringMatching(/^The loss of step 22 .*lower the learning rate, then continue\.$/),
          lost: false,
        },
      ]);
      expect(worker.ping()).toBe(21);
      worker.change({ learningRate: 5e-3 });
      worker.run(0);
      await until(() => steps.length >= 80);
      await worker.pause();
      expect(steps.map(({ step }) => step)).toEqual(Array.from(steps, (_, i) => i + 1));
      expect(mean(losses({ steps }).slice(21, 26))).toBeLessThan(losses({ steps })[0]!);
      expect(mean(losses({ steps }).slice(-10))).toBeLessThan(mean(losses({ steps }).slice(15, 20)));
      expect(failures.length).toBe(1);
    },
  );
});

describe('checkpoints of the trainer', () => {
  it('another trainer can continue from a checkpoint with bit-identical results', async () => {
    const whole = heard();
    await whole.start();
    await several(12, () => whole.worker.step());

    const first = heard();
    await first.start();
    await several(5, () => first.worker.step());
    const bytes = await first.worker.checkpoint('whole');
    const second = heard();
    // The model is built from the checkpoint, and not from the settings.
    const { step, spec } = await second.start({ checkpoint: bytes, model: { ...SMALL, blocks: 1 } });
    expect(step).toBe(5);
    expect(spec.blocks.length).toBe(2);
    await several(7, () => second.worker.step());
    expect([...losses(first), ...losses(second)]).toEqual(losses(whole));
    const [one, other] = [await second.worker.checkpoint('whole'), await whole.worker.checkpoint('whole')].map(
      (bytes) => decodeCheckpoint(bytes),
    ) as [Checkpoint, Checkpoint];
    const { provenance } = one.extra as TableContents;
    // The provenance differs, because it contains the time at which each training started.
    expect(one).toEqual({ ...other, extra: { ...(other.extra as TableContents), provenance } });
  });

  it('a checkpoint contains the model, and on request also the state of the optimizer', async () => {
    const { worker, start } = heard();
    await start();
    worker.run(0);
    const [weights, all] = await Promise.all([worker.checkpoint('weights'), worker.checkpoint('whole')]);
    await worker.pause();
    const [light, heavy] = [decodeCheckpoint(weights), decodeCheckpoint(all)];
    expect(light.training).toBeUndefined();
    expect(Object.keys(light.tensors).every((name) => /^(parameters|buffers)\./.test(name))).toBe(true);
    expect(heavy.training?.step).toBe(heavy.step);
    const rows = tensor([
      [0, 0],
      [1, 0.5],
      [-1, 2],
    ]);
    const densities = [light, heavy].map(({ spec, tensors }) => {
      const flow = buildFlow(isRecordsSpec(spec) ? spec.flow : (spec as FlowSpec));
      restoreVariables(flow.parameters, tensors, 'parameters');
      restoreVariables(flow.buffers, tensors, 'buffers');
      return Array.from(flow.logProb(rows).dataSync());
    });
    expect(densities[1]).toEqual(densities[0]);
    expect(densities[0]!.every(Number.isFinite)).toBe(true);
  });

  it('training from a checkpoint with only the weights starts with a new optimizer state', async () => {
    const { worker, steps, start } = heard();
    await start();
    await several(5, () => worker.step());
    const bytes = await worker.checkpoint('weights');
    expect((await start({ checkpoint: bytes })).step).toBe(5);
    await worker.step();
    expect(steps.at(-1)!.step).toBe(6);
    const { training } = decodeCheckpoint(await worker.checkpoint('whole'));
    expect(training).toMatchObject({ step: 6, optimizerStep: 1 });
  });

  const file = (spec: unknown, model: { parameters: object; buffers: object }, extra?: unknown): Promise<Uint8Array> =>
    encodeCheckpoint({ spec, seed: 0, model: model as never, extra });

  it('a checkpoint of an unsupported kind of model is refused with a message that names the kind', async () => {
    const { start } = heard();
    const rows = tabularPreset({ dim: 3, blocks: 1 });
    const given = toyPreset({ blocks: 1, hidden: [4], context: 2 });
    for (const [bytes, message] of [
      [await file(rows, buildFlow(rows)), 'a density of 3 columns'],
      [await file(given, { parameters: {}, buffers: {} }), 'given 2 other columns'],
      [await file({ version: 1, kind: 'classifier' }, { parameters: {}, buffers: {} }), 'a classifier of images'],
      [
        await file({ version: 1, dim: 192, shape: [8, 8, 3] }, { parameters: {}, buffers: {} }),
        'a density of images [8, 8, 3]',
      ],
      [
        await file(
          { version: 1, dim: 2, base: { name: 'normal' }, blocks: [{ kind: 'standardize' }] },
          { parameters: {}, buffers: {} },
        ),
        'wrong spec.blocks[0].mean',
      ],
      [
        await file(toyPreset({ blocks: 1, hidden: [4] }), { parameters: {}, buffers: {} }),
        'the parameters lack "blocks.0',
      ],
      [
        await file(
          toyPreset({ blocks: 1, hidden: [4], solver: { name: 'relaxed' } }),
          { parameters: {}, buffers: {} },
          { program: { backend: 'wasm', plugin: ['relaxed.mjs'] } },
        ),
        'The model was trained with the plugin relaxed.mjs: add this plugin first',
      ],
      [new Uint8Array(100), 'This file'],
    ] as const)
      await expect(start({ checkpoint: bytes })).rejects.toThrow(message);
  });

  it('a checkpoint with the optimizer state of another model is refused before the first step', async () => {
    const { worker, start } = heard();
    const before = memory().numTensors;
    await start();
    await worker.step();
    const { tensors, training, spec } = decodeCheckpoint(await worker.checkpoint('whole'));
    const rest = Object.fromEntries(
      Object.entries(tensors).filter(([name]) => name !== 'optimizer.m.blocks.0.gx.layers.0.weight'),
    );
    const bytes = encodeSafetensors(rest, {
      impflow: JSON.stringify({ format: 'impflow', version: 1, step: 1, seed: 0, spec, training }),
    });
    await expect(start({ checkpoint: bytes })).rejects.toThrow('optimizer adam');
    expect(memory().numTensors).toBe(before);
  });
});
