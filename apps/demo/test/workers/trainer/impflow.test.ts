import { builtInRegistries } from '@impflow/flows';
import { parseFrame } from '@impflow/tables';
import { toy } from '@impflow/tables/toys';
import { decodeCheckpoint } from '@impflow/training';
import { fitTable, type FitTableEnd, type FitTableOptions, type TableContents } from 'impflow/run';
import { describe, expect, it } from 'vitest';
import { readRows } from '../../../src/workers/data/table-file.ts';
import { heard, losses, several } from './harness.ts';

/** Options for impflow that correspond to the page's options `MOONS` in `harness.ts`. */
const SAME: Omit<FitTableOptions, 'registries'> = {
  preset: 'toy',
  blocks: 2,
  hidden: [24, 24],
  activation: 'sin',
  coeff: 0.99,
  batch: 256,
  lr: 5e-3,
  workers: 1,
};
const MOONS = { ...toy('moons'), columns: ['x', 'y'], source: 'moons' };

/** Trains a model with impflow, and returns the result and the loss of each step. */
const fitted = async (
  rows: Parameters<typeof fitTable>[0],
  options: Omit<FitTableOptions, 'registries'>,
): Promise<{ readonly end: FitTableEnd; readonly steps: readonly number[] }> => {
  const steps: number[] = [];
  const onEvent: FitTableOptions['onEvent'] = (event) => {
    if (event.kind === 'step') steps.push(event.loss);
  };
  return { end: await fitTable(rows, { ...options, registries: builtInRegistries, onEvent }), steps };
};

describe('a training that the page runs', () => {
  it('the page trains with the same steps as impflow, and impflow can resume a checkpoint of the page', async () => {
    const here = heard();
    await here.start();
    await several(3, () => here.worker.step());
    const resume = decodeCheckpoint(await here.worker.checkpoint('whole'));
    await several(5, () => here.worker.step());
    expect((await fitted(MOONS, { ...SAME, steps: 8 })).steps).toEqual(losses(here));
    expect((await fitted(MOONS, { resume, steps: 8, workers: 1 })).steps).toEqual(losses(here).slice(3));
  });

  it('on a table, the page trains with the same steps as impflow', async () => {
    const text = `a,b\n${Array.from({ length: 400 }, (_, i) => `${i % 12},${(3 * Math.sin(i) + (i % 12)).toFixed(4)}`).join('\n')}\n`;
    const bytes = new TextEncoder().encode(text);
    const here = heard();
    await here.start({
      batch: 100,
      data: {
        ...(await readRows('a.csv', bytes, { columns: ['a', 'b'] })),
        choice: { kind: 'table', name: 'a.csv', noise: 0, size: 0 },
        seed: 0,
      },
    });
    await several(6, () => here.worker.step());
    const frame = parseFrame('a.csv', bytes);
    const options = { ...SAME, batch: 100, steps: 6, scaling: 'standard', transform: ['none'] } as const;
    const { steps } = await fitted({ a: frame.columns[0]!.numbers, b: frame.columns[1]!.numbers }, options);
    expect(steps).toEqual(losses(here));
    const { extra } = decodeCheckpoint(await here.worker.checkpoint('whole'));
    expect(extra).toMatchObject({
      data: { data: 'a.csv' },
      options: { columns: ['a', 'b'], transform: ['none'], batch: 100, steps: 6, lr: 5e-3 },
      provenance: { source: 'a.csv', rows: { train: 320, validation: 40, test: 40 } },
    });
  });

  it('the page continues a training from its best weights; saving before the first step keeps the file’s contents', async () => {
    const optimizer = 'adamW:{"weightDecay":0.5}';
    const { end } = await fitted(MOONS, { ...SAME, steps: 4, validateEvery: 2, optimizer });
    if (end.stopped === 'aborted') throw new Error('aborted');
    const bytes = end.model.toBytes();
    const before = decodeCheckpoint(bytes);
    const { worker, steps, start } = heard();
    expect((await start({ checkpoint: bytes })).step).toBe(4);
    const copy = decodeCheckpoint(await worker.checkpoint('whole'));
    expect(copy.extra).toEqual(before.extra);
    expect(before.training?.best).toBeDefined();
    for (const name of Object.keys(copy.tensors))
      expect(copy.tensors[name]).toEqual(before.tensors[name.startsWith('optimizer.') ? name : `best.${name}`]);
    await worker.step();
    expect(steps.map(({ step }) => step)).toEqual([5]);
    const { extra } = decodeCheckpoint(await worker.checkpoint('whole'));
    expect(extra).toMatchObject({
      data: { data: 'moons' },
      options: { model: 'implicit', preset: 'toy', blocks: 2, hidden: [24, 24], steps: 5, optimizer },
    });
    // After a step, the report and the percentiles of the file are removed, because both belong to the earlier weights.
    expect(extra).not.toHaveProperty('quantiles');
    expect(extra).not.toHaveProperty('report');
  });

  it('after training on noisy data, a checkpoint describes how the data were made, but names no data set', async () => {
    const { worker, start } = heard();
    await start({ data: { choice: { kind: 'toy', name: 'moons', noise: 0.1, size: 0 }, seed: 0 } });
    await worker.step();
    const contents = decodeCheckpoint(await worker.checkpoint('whole')).extra as TableContents;
    expect([contents.data, contents.provenance.source]).toEqual([undefined, 'moons (noise 0.1)']);
  });
});
