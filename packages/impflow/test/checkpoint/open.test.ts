import { wasm } from '@impflow/backend-wasm';
import { fold, key, normals } from '@impflow/core';
import { buildFlow, builtInRegistries, tabularPreset } from '@impflow/flows';
import { decodeCheckpoint, encodeCheckpoint } from '@impflow/training';
import { tensor2d } from '@tensorflow/tfjs-core';
import { load } from 'impflow';
import { bytesOf, checkedCheckpoint, fitTable, frameOfObjects, openDensity, trainedDensity } from 'impflow/run';
import { beforeAll, describe, expect, it } from 'vitest';
import { gaussianRows } from '../tables.ts';

const registries = builtInRegistries;
const quick = { steps: 6, workers: 1, hidden: [4], blocks: 1, validateEvery: 2, registries } as const;

describe('a training that was not finished', () => {
  it('cannot be loaded; the error says that it was interrupted', async () => {
    const saved: Uint8Array[] = [];
    const end = await fitTable(gaussianRows(60, 1), {
      ...quick,
      until: 3,
      save: async (bytes) => void saved.push(bytes),
    });
    expect(end).toMatchObject({ stopped: 'aborted', step: 3 });
    expect(saved.length).toBeGreaterThan(1);
    for (const bytes of [...saved, bytesOf(end.checkpoint)])
      await expect(load(bytes)).rejects.toThrow(
        /The checkpoint has no report: expected a model whose training was finished, got one that was interrupted/,
      );
  });

  it('continues to the same weights, bit for bit, as an uninterrupted training', async () => {
    const rows = gaussianRows(60, 1);
    const whole = await fitTable(rows, quick);
    const paused = await fitTable(rows, { ...quick, until: 3 });
    const resume = decodeCheckpoint(bytesOf(paused.checkpoint));
    const resumed = await fitTable(rows, { registries, workers: 1, resume });
    if (whole.stopped === 'aborted' || resumed.stopped === 'aborted') throw new Error('A training was interrupted');
    expect(resumed.model.score(rows)).toEqual(whole.model.score(rows));
    expect(resumed.model.report).toMatchObject({ heldOut: whole.model.report.heldOut, steps: 6 });
    await expect(fitTable(gaussianRows(60, 2), { registries, workers: 1, resume })).rejects.toThrow(
      'The table differs from the data that the model was trained on',
    );
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

  it('scores rows by the stored names of columns, in the units of the table', async () => {
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
    // p-values need the number of held-out rows, which this checkpoint does not have.
    expect([...pValues].every(Number.isNaN)).toBe(true);
    expect([...percentiles].every((value) => value >= 0 && value <= 100)).toBe(true);
  });

  it('without stored names has the columns x0, x1', async () => {
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
  ])('with %j is refused', async (extra, words) => {
    await expect(opened(extra)).rejects.toThrow(
      expect.objectContaining({ code: 'checkpoint', message: expect.stringMatching(words) as string }) as Error,
    );
  });

  it('cannot be opened by load', async () => {
    const { bytes } = await opened({});
    await expect(load(bytes)).rejects.toThrow('has no report');
  });
});
