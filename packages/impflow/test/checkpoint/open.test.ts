import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wasm } from '@impflow/backend-wasm';
import { fold, key, normals } from '@impflow/core';
import { buildFlow, builtInRegistries, tabularPreset } from '@impflow/flows';
import { checkpointBytes, decodeCheckpoint, encodeCheckpoint, type Checkpoint } from '@impflow/training';
import { memory, tensor2d } from '@tensorflow/tfjs-core';
import { load } from 'impflow';
import { checkedCheckpoint, fitTable, frameOfObjects, openDensity, trainedDensity } from 'impflow/run';
import { beforeAll, describe, expect, it } from 'vitest';
import { gaussianRows } from '../tables.ts';

const registries = builtInRegistries;
const quick = { steps: 6, workers: 1, hidden: [4], blocks: 1, validateEvery: 2, registries } as const;

describe('a training that was not finished', () => {
  it('`load` refuses the checkpoint of an interrupted training, and the message contains "interrupted"', async () => {
    const saved: Uint8Array[] = [];
    const end = await fitTable(gaussianRows(60, 1), {
      ...quick,
      until: 3,
      save: async (bytes) => void saved.push(bytes),
    });
    expect(end).toMatchObject({ stopped: 'aborted', step: 3 });
    expect(saved.length).toBeGreaterThan(1);
    for (const bytes of [...saved, checkpointBytes(end.checkpoint)])
      await expect(load(bytes)).rejects.toThrow(
        /The checkpoint has no report: expected a model whose training was finished, got a training that was interrupted/,
      );
  });

  it('a training leaves no tensors in memory if its workers cannot be started', async () => {
    const startWorkers = () => Promise.reject(new Error('no thread'));
    const failed = () => expect(fitTable(gaussianRows(60, 1), { ...quick, startWorkers })).rejects.toThrow('no thread');
    // The first training may leave constants in memory that later trainings reuse.
    await failed();
    const before = memory().numTensors;
    await failed();
    expect(memory().numTensors).toBe(before);
  });

  it('a training leaves no tensors in memory if a step fails', async () => {
    const failed = () => expect(fitTable(gaussianRows(60, 1), { ...quick, lr: 1e30 })).rejects.toThrow(/finite/);
    await failed();
    const before = memory().numTensors;
    await failed();
    expect(memory().numTensors).toBe(before);
  });

  it('a resumed training gives the same scores, bit for bit, as an uninterrupted training', async () => {
    const rows = gaussianRows(60, 1);
    const whole = await fitTable(rows, quick);
    const paused = await fitTable(rows, { ...quick, until: 3 });
    const resume = decodeCheckpoint(checkpointBytes(paused.checkpoint));
    const resumed = await fitTable(rows, { registries, workers: 1, resume });
    if (whole.stopped === 'aborted' || resumed.stopped === 'aborted') throw new Error('A training was interrupted');
    expect(resumed.model.score(rows)).toEqual(whole.model.score(rows));
    expect(resumed.model.report).toMatchObject({ heldOut: whole.model.report.heldOut, steps: 6 });
    await expect(fitTable(gaussianRows(60, 2), { registries, workers: 1, resume })).rejects.toThrow(
      'The table differs from the data that the model was trained on',
    );
  });
});

it('a resumed training reads its table with the options of its checkpoint', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'impflow-years-'));
  try {
    // The names of the columns are numbers. Without the option `header`, they would be read as a row.
    const path = join(folder, 'years.csv');
    const rows = gaussianRows(60, 1).map((row) => Object.values(row).slice(0, 2).join(','));
    writeFileSync(path, ['2020,2021', ...rows].join('\n'));
    const paused = await fitTable(path, { ...quick, header: 'yes', until: 3 });
    const resume = decodeCheckpoint(checkpointBytes(paused.checkpoint));
    const resumed = await fitTable(path, { registries, workers: 1, resume });
    expect(resumed).toMatchObject({ stopped: 'steps', step: 6 });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe('a training with a fitted base that is resumed', () => {
  const noise = normals(key(3), 120);
  // The table has few rows and a category column, so the base is fitted before the training and widened after it.
  const rows = Array.from({ length: 60 }, (_, i) => ({
    x: noise[2 * i]!,
    y: noise[2 * i + 1]!,
    kind: i % 3 === 0 ? 'a' : 'b',
  }));
  const finished = async (options: Parameters<typeof fitTable>[1]) => {
    const end = await fitTable(rows, options);
    if (end.stopped === 'aborted') throw new Error('The training was interrupted');
    const { heldOut, rivals, spread, bestStep, won } = end.model.report;
    return { end, found: { heldOut, rivals, spread, bestStep, won, scores: end.model.score(rows) } };
  };

  it('a training that is resumed from any saved checkpoint ends with the bits of an uninterrupted training', async () => {
    const saved: Uint8Array[] = [];
    const { found } = await finished(quick);
    expect(found.spread).toBeGreaterThan(1);
    await fitTable(rows, { ...quick, until: 3, save: async (bytes) => void saved.push(bytes) });
    const steps = saved.map((bytes) => decodeCheckpoint(bytes).step);
    expect([steps[0], steps.at(-1)]).toEqual([0, 3]);
    for (const bytes of [saved[0]!, saved.at(-1)!]) {
      const resumed = await finished({ registries, workers: 1, resume: decodeCheckpoint(bytes) });
      expect(resumed.found).toEqual(found);
    }
  });

  it('a resumed training keeps the initial mixture as the best model if no step has a lower loss than the mixture', async () => {
    const bad = { ...quick, lr: 3 };
    const { found } = await finished(bad);
    expect(found.bestStep).toBe(0);
    expect(found.won).toMatch(/^linear regression \+ .*Gaussian.*; the flow did not improve it$/);
    const saved: Uint8Array[] = [];
    await fitTable(rows, { ...bad, until: 2, save: async (bytes) => void saved.push(bytes) });
    const resumed = await finished({ registries, workers: 1, resume: decodeCheckpoint(saved[0]!) });
    expect(resumed.found).toEqual(found);
  });

  it('the report of an extended training contains the product of all factors by which the base was widened', async () => {
    const { end, found } = await finished({ ...quick, lr: 3 });
    const resume = decodeCheckpoint(checkpointBytes(end.checkpoint));
    const extended = await finished({ registries, workers: 1, resume, steps: 8 });
    expect(extended.found.bestStep).toBe(0);
    expect(extended.found.spread).toBeGreaterThanOrEqual(found.spread!);
    expect(extended.found.spread).toBeLessThan(1.06 * found.spread!);
  });
});

describe('a flow of rows of numbers, such as an imported flow', () => {
  beforeAll(() => wasm().start());
  const spec = tabularPreset({ dim: 2, blocks: 1, hidden: [8] });
  const opened = async (extra: object) => {
    const flow = buildFlow(spec, { key: key(1) });
    const bytes = await encodeCheckpoint({ spec, seed: 0, extra, model: flow });
    const checkpoint = checkedCheckpoint(decodeCheckpoint(bytes), 'mine');
    const open = openDensity(checkpoint, registries, 'mine');
    return { flow, open, rows: trainedDensity(open, checkpoint.extra as object), bytes };
  };
  const noise = normals(fold(key(2), 0), 20);
  const points = Array.from({ length: 10 }, (_, i) => [noise[2 * i]!, noise[2 * i + 1]!] as const);

  it('an imported flow reads columns by their stored names, and scores rows in the units of the table', async () => {
    const { flow, rows } = await opened({
      columns: ['size', 'time'],
      dequantized: { size: 0.5 },
      offsets: { time: 1e9 },
      quantiles: [-10, -5, -1],
      options: {},
    });
    const wanted = flow.logProb(tensor2d(points.map(([a, b]) => [a + 0.25, b]))).dataSync();
    const given = points.map(([size, b]) => ({ time: 1e9 + b, size }));
    const { values, pValues, percentiles } = rows.score(frameOfObjects(given, 'the rows'));
    // The tolerance is 1e-4, because 1e9 + b in float64 loses the digits of b below 1e-7.
    for (const [i, value] of values.entries()) expect(Math.abs(value - wanted[i]!)).toBeLessThan(1e-4);
    // The scores have no p-values, because this checkpoint does not store the number of held-out rows.
    expect([...pValues].every(Number.isNaN)).toBe(true);
    expect([...percentiles].every((value) => value >= 0 && value <= 100)).toBe(true);
  });

  it('an imported flow without stored column names has the columns `x0` and `x1`', async () => {
    const { flow, rows } = await opened({});
    const wanted = flow.logProb(tensor2d(points.map((point) => [...point]))).dataSync();
    const { values } = rows.score(
      frameOfObjects(
        points.map(([x0, x1]) => ({ x0, x1 })),
        'the rows',
      ),
    );
    for (const [i, value] of values.entries()) expect(Math.abs(value - wanted[i]!)).toBeLessThan(1e-5);
  });

  it.each([
    [{ columns: ['a'] }, /names of the columns do not fit the model: expected 2 names, got 1/],
    [{ columns: [1, 2] }, /wrong extra\.columns: expected names of columns/],
    [{ dequantized: 5 }, /wrong extra\.dequantized/],
    [{ offsets: 'x' }, /wrong extra\.offsets/],
    [{ quantiles: ['low'] }, /wrong extra\.quantiles/],
  ])('the checkpoint of an imported flow with the contents %j is refused', async (extra, words) => {
    await expect(opened(extra)).rejects.toThrow(
      expect.objectContaining({ code: 'checkpoint', message: expect.stringMatching(words) as string }) as Error,
    );
  });

  it('`load` refuses an imported flow, because its checkpoint has no report', async () => {
    const { bytes } = await opened({});
    await expect(load(bytes)).rejects.toThrow('has no report');
  });
});

describe('an error leaks no tensors', () => {
  beforeAll(async () => {
    await wasm().start();
  });

  const rows = gaussianRows(100, 1);
  /** Returns the number of tensors that remain after a call that fails. */
  const remaining = async (call: () => Promise<unknown>, said: string): Promise<number> => {
    const before = memory().numTensors;
    await expect(call()).rejects.toThrow(said);
    return memory().numTensors - before;
  };
  const refuse = (is: boolean): void => {
    if (is) throw new Error('refused by the test');
  };

  it.each([
    ['the first checkpoint', () => true],
    ['the finished model', (bytes: Uint8Array) => 'report' in (decodeCheckpoint(bytes).extra as object)],
  ])('if %s cannot be saved', async (_what, is) => {
    const save = async (bytes: Uint8Array): Promise<void> => refuse(is(bytes));
    expect(await remaining(() => fitTable(rows, { ...quick, save }), 'refused by the test')).toBe(0);
  });

  it('if the receiver of the events throws at the end of the training', async () => {
    const options = { ...quick, steps: 40, patience: 1, lr: 3 };
    const onEvent = (event: object): void => refuse('text' in event && String(event.text).startsWith('Stopped early'));
    expect(await remaining(() => fitTable(rows, { ...options, onEvent }), 'refused by the test')).toBe(0);
  });

  it('if the tensors of a checkpoint do not fit its model', async () => {
    const paused = await fitTable(rows, { ...quick, until: 3 });
    const end = await fitTable(rows, quick);
    if (end.stopped === 'aborted') throw new Error('The training was interrupted');
    end.model.dispose();
    const without = (checkpoint: Checkpoint): Checkpoint => {
      const names = Object.keys(checkpoint.tensors);
      const dropped = ['parameters.', 'best.parameters.'].map((prefix) =>
        names.find((name) => name.startsWith(prefix)),
      );
      const kept = Object.entries(checkpoint.tensors).filter(([name]) => !dropped.includes(name));
      return { ...checkpoint, tensors: Object.fromEntries(kept) };
    };
    const resume = without(paused.checkpoint);
    expect(await remaining(() => fitTable(rows, { registries, workers: 1, resume }), 'parameters')).toBe(0);
    expect(await remaining(() => load(checkpointBytes(without(end.checkpoint))), 'parameters')).toBe(0);
  });
});
