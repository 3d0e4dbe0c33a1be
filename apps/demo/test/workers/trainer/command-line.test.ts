import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildFlow, type FlowSpec } from '@impflow/flows';
import { decodeCheckpoint, restoreVariables } from '@impflow/training';
import { tensor } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { compiled, csv, impflow, json, temporary } from '../../../../trainer/test/cli/harness.ts';
import { heard, losses, several } from './harness.ts';

const folder = temporary();
beforeAll(compiled);

/** A run folder of the command line with a checkpoint, and the losses of its next steps. */
const saved = (name: string, bytes: Uint8Array): string => {
  const run = join(folder, name);
  mkdirSync(run, { recursive: true });
  writeFileSync(join(run, 'checkpoint.safetensors'), bytes);
  return run;
};
const lossesIn = (run: string): readonly number[] =>
  readFileSync(join(run, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { readonly loss: number }).loss);

/** The default options of the page, with the small model. */
const SAME = [
  '--data',
  'moons',
  '--preset',
  'toy',
  '--blocks',
  '2',
  '--hidden',
  '24,24',
  '--batch',
  '256',
  '--lr',
  '5e-3',
  '--workers',
  '1',
  '--quiet',
  '--json',
];

it('makes the same steps as the command line, which resumes its checkpoint', async () => {
  const here = heard();
  await here.start();
  await several(3, () => here.worker.step());
  const bytes = await here.worker.checkpoint('whole');
  await several(5, () => here.worker.step());

  const there = join(folder, 'there');
  json(await impflow('train', ...SAME, '--steps', '8', '--out', there));
  expect(lossesIn(there)).toEqual(losses(here));

  const resumed = saved('resumed', bytes);
  expect(json(await impflow('train', '--resume', '--out', resumed, '--steps', '8', '--quiet', '--json'))).toMatchObject(
    { steps: 8 },
  );
  expect(lossesIn(resumed)).toEqual(losses(here).slice(3));
});

it('continues from the best weights of a finished run, and saves it unchanged until then', async () => {
  const there = join(folder, 'finished');
  json(await impflow('train', ...SAME, '--steps', '4', '--validate-every', '2', '--out', there));
  const bytes = readFileSync(join(there, 'checkpoint.safetensors'));
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
  // The percentiles were those of the weights before.
  const { extra } = decodeCheckpoint(await worker.checkpoint('whole'));
  expect(extra).toMatchObject({
    data: { data: 'moons' },
    columns: ['x', 'y'],
    options: { model: 'implicit', preset: 'toy', blocks: 2, hidden: [24, 24], steps: 5 },
  });
  expect(extra).not.toHaveProperty('quantiles');
});

it('writes checkpoints that the command line scores to the same bits, samples, inspects and evaluates', async () => {
  const { worker, start } = heard();
  await start();
  await several(30, () => worker.step());
  const values = Array.from({ length: 200 }, (_, i) => [3 * Math.sin(i), 2 * Math.cos(1.7 * i)].map(Math.fround));
  const rows = csv(join(folder, 'rows.csv'), 'x,y', values);
  for (const part of ['weights', 'whole'] as const) {
    const bytes = await worker.checkpoint(part);
    const { spec, tensors } = decodeCheckpoint(bytes);
    const flow = buildFlow(spec as FlowSpec);
    restoreVariables(flow.parameters, tensors, 'parameters');
    restoreVariables(flow.buffers, tensors, 'buffers');
    flow.refresh({ tolerance: 1e-5 });
    const scored = json<{ logDensity: number[] }>(
      await impflow('score', join(saved(part, bytes), 'checkpoint.safetensors'), rows, '--json', '--quiet'),
    );
    expect(scored).toMatchObject({ rows: 200, unconverged: 0 });
    expect(scored.logDensity).toEqual(Array.from(flow.logProb(tensor(values)).dataSync()));
  }
  const run = join(folder, 'whole');
  expect(json(await impflow('inspect', run, '--json'))).toMatchObject({
    steps: 30,
    seed: 0,
    options: { data: 'moons', lr: 5e-3, backend: 'wasm' },
  });
  expect(json(await impflow('sample', run, '-n', '5', '--json'))).toMatchObject({ rows: 5, columns: ['x', 'y'] });
  expect(json(await impflow('evaluate', run, '--json'))).toMatchObject({ heldOut: { rows: 10_000 } });
});

it('gives its own data a name that is unknown to the command line', async () => {
  const { worker, start } = heard();
  await start({ data: { choice: { kind: 'toy', name: 'moons', noise: 0.1, size: 0 }, seed: 0 } });
  await worker.step();
  const run = saved('noisy', await worker.checkpoint('whole'));
  const { code, stderr } = await impflow('evaluate', run);
  expect([code, stderr]).toEqual([2, expect.stringContaining('moons (noise 0.1)')]);
});
