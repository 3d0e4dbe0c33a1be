import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { ours } from '../ours.mjs';
import { readNumbers, scoresFile } from '../places.mjs';
import { thinGaussians } from '../toys.mjs';

const folder = mkdtempSync(join(tmpdir(), 'impflow-study-'));
const job = { data: 'a-test', contender: 'monotone', seed: 0, budget: 2 };
afterAll(() => {
  for (const path of [folder, dirname(scoresFile(job))]) rmSync(path, { recursive: true, force: true });
});

it('a flow of monotone blocks is trained, and its test rows are scored', async () => {
  for (const [i, part] of ['train', 'validation', 'test'].entries()) {
    const values = thinGaussians.sample({ high: 0, low: i }, 100);
    writeFileSync(
      join(folder, `${part}.csv`),
      `x,y\n${Array.from({ length: 100 }, (_, r) => `${values[2 * r]!},${values[2 * r + 1]!}`).join('\n')}\n`,
    );
  }
  const options = { model: 'monotone', blocks: 1, base: 'normal', scaling: 'standard' };
  const { parameters, unconverged } = await ours(options)(job, { folder });
  expect([parameters > 0, unconverged]).toEqual([true, 0]);
  const scores = readNumbers(scoresFile(job));
  expect([scores.length, scores.every(Number.isFinite)]).toEqual([100, true]);
}, 120_000);
