import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtInRegistries } from '@impflow/flows';
import { openDensity, readModel, trainedDensity } from 'impflow/run';
import { beforeAll, expect, it } from 'vitest';
import { compiled, csv, impflow, json, temporary } from '../../../../trainer/test/cli/harness.ts';
import { heard, several } from './harness.ts';

const folder = temporary();
beforeAll(compiled);

it('the command line can sample, inspect, evaluate and score checkpoints of the page, with bit-identical results', async () => {
  const { worker, start } = heard();
  await start();
  await several(30, () => worker.step());
  const values = Array.from({ length: 200 }, (_, i) => [3 * Math.sin(i), 2 * Math.cos(1.7 * i)].map(Math.fround));
  const rows = csv(join(folder, 'rows.csv'), 'x,y', values);
  for (const part of ['weights', 'whole'] as const) {
    const bytes = await worker.checkpoint(part);
    const run = join(folder, part);
    mkdirSync(run);
    writeFileSync(join(run, 'checkpoint.safetensors'), bytes);
    const { checkpoint, source } = await readModel(bytes);
    const model = trainedDensity(openDensity(checkpoint, builtInRegistries, source));
    const scored = json<{ logDensity: number[] }>(await impflow('score', run, rows, '--json', '--quiet'));
    expect(scored).toMatchObject({ rows: 200, unconverged: 0 });
    expect(scored.logDensity).toEqual([...model.score(values.map(([x, y]) => ({ x, y }))).values]);
  }
  const run = join(folder, 'whole');
  expect(json(await impflow('inspect', run, '--json'))).toMatchObject({ steps: 30, seed: 0, options: { lr: 5e-3 } });
  expect(json(await impflow('sample', run, '-n', '5', '--json'))).toMatchObject({ rows: 5, columns: ['x', 'y'] });
  expect(json(await impflow('evaluate', run, '--json'))).toMatchObject({ heldOut: { rows: 10_000 } });
});

it('if the command line cannot find the data of a checkpoint by name, `evaluate` requires a file with rows', async () => {
  const { worker, start } = heard();
  await start({ data: { choice: { kind: 'toy', name: 'moons', noise: 0.1, size: 0 }, seed: 0 } });
  await worker.step();
  const run = join(folder, 'noisy');
  mkdirSync(run);
  writeFileSync(join(run, 'checkpoint.safetensors'), await worker.checkpoint('whole'));
  expect((await impflow('evaluate', run)).code).toBe(2);
});
