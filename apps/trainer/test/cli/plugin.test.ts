import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { compiled, fixture, impflow, json, temporary } from './harness.ts';

const folder = temporary();
const plugin = fixture('plugin.mjs');

beforeAll(compiled);

it('trains with the solver and the activation of a plugin, and remembers them by name', async () => {
  const run = join(folder, 'run');
  const options = ['--data', 'moons', '--steps', '5', '--batch', '20', '--hidden', '8', '--blocks', '1', '--quiet', '--json'];
  const unknown = await impflow('train', ...options, '--solver', 'relaxed', '--out', run);
  expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('"relaxed"')]);

  const trained = json<{ heldOut: object }>(await impflow('train', ...options, '--plugin', plugin, '--solver', 'relaxed', '--activation', 'logistic', '--out', run));
  const { spec } = JSON.parse(readFileSync(join(run, 'config.json'), 'utf8')) as { spec: unknown };
  expect(spec).toMatchObject({ solver: { name: 'relaxed' }, blocks: [{ gx: { activation: { name: 'logistic' } } }] });

  const [without, given, resumed] = await Promise.all([
    impflow('evaluate', run),
    impflow('evaluate', run, '--plugin', plugin, '--json'),
    impflow('train', '--resume', '--out', run),
  ]);
  for (const { code, stderr } of [without, resumed]) {
    expect(stderr).toContain('checkpoint.safetensors needs what is not there');
    expect(stderr).toContain(`--plugin ${plugin}`);
    expect(code).toBe(2);
  }
  expect(json(given)['heldOut']).toEqual(trained.heldOut);
  expect(json(await impflow('train', '--resume', '--out', run, '--steps', '8', '--plugin', plugin, '--quiet', '--json'))['steps']).toBe(8);
});
