import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadCheckpoint } from '@impflow/training';
import { fit } from 'impflow';
import { expect, it } from 'vitest';
import { csv, json, temporary, within } from './harness.ts';

const folder = temporary();
const at = (name: string): string => join(folder, name);

it('`fit` and `impflow train` give the same bits for the same options and seed', async () => {
  const rows = JSON.parse(
    readFileSync(new URL('../../../../examples/impflow/penguins.json', import.meta.url), 'utf8'),
  ) as readonly Readonly<Record<string, string | number | null>>[];
  const names = Object.keys(rows[0]!);
  csv(
    at('penguins.csv'),
    names.join(),
    rows.map((row) => names.map((name) => row[name] ?? '')),
  );
  const flags = ['--steps', '20', '--seed', '3', '--blocks', '2', '--hidden', '8', '--workers', '1'];
  const { heldOut } = json<{ readonly heldOut: object }>(
    await within('train', '--data', at('penguins.csv'), ...flags, '--out', at('run'), '--json'),
  );
  const model = await fit(at('penguins.csv'), { steps: 20, seed: 3, blocks: 2, hidden: [8], workers: 1 });
  await model.save(at('program'));
  expect(model.report.heldOut).toEqual(heldOut);
  const [byProgram, byCommand] = await Promise.all(
    ['program', 'run'].map((name) => loadCheckpoint(at(`${name}/checkpoint.safetensors`))),
  );
  expect(byProgram!.spec).toEqual(byCommand!.spec);
  expect(byProgram!.tensors).toEqual(byCommand!.tensors);
});
