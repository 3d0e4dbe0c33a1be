import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, it } from 'vitest';
import { compiled, fixture, impflow, json, temporary, within } from './harness.ts';

const folder = temporary();
const plugin = fixture('plugin.mjs');

beforeAll(compiled);

it('`train` uses the solver and the activation of a plugin, and stores their names and options', async () => {
  const run = join(folder, 'run');
  const options = [
    '--data',
    'moons',
    '--steps',
    '5',
    '--batch',
    '20',
    '--hidden',
    '8',
    '--blocks',
    '1',
    '--quiet',
    '--json',
  ];
  const unknown = await impflow('train', ...options, '--solver', 'relaxed', '--out', run);
  expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('"relaxed"')]);

  const trained = json<{ heldOut: object }>(
    await impflow(
      'train',
      ...options,
      '--plugin',
      plugin,
      '--solver',
      'relaxed:step=0.7',
      '--activation',
      'logistic',
      '--out',
      run,
    ),
  );
  const { spec } = JSON.parse(readFileSync(join(run, 'config.json'), 'utf8')) as { spec: { flow: object } };
  expect(spec.flow).toMatchObject({
    solver: { name: 'relaxed', options: { step: 0.7 } },
    blocks: [{ gx: { activation: { name: 'logistic' } } }],
  });

  const [without, given, resumed] = await Promise.all([
    impflow('evaluate', run),
    impflow('evaluate', run, '--plugin', plugin, '--json'),
    impflow('train', '--resume', '--out', run),
  ]);
  const other = await within('train', '--resume', '--out', run, '--plugin', plugin, '--solver', 'relaxed');
  expect([other.code, other.stderr]).toEqual([
    2,
    expect.stringContaining(
      '--solver cannot change in a run that is resumed: expected relaxed:{"step":0.7}, as before, got relaxed.',
    ),
  ]);
  expect(without.stderr).toContain('checkpoint.safetensors needs a method that is not available');
  for (const { code, stderr } of [without, resumed]) {
    expect(stderr).toContain(`--plugin ${plugin}`);
    expect(code).toBe(2);
  }
  expect(json(given)['heldOut']).toEqual(trained.heldOut);
  expect(
    json(
      await impflow(
        'train',
        '--resume',
        '--out',
        run,
        '--steps',
        '8',
        '--plugin',
        plugin,
        '--solver',
        'relaxed:{"step": 0.7}',
        '--quiet',
        '--json',
      ),
    )['steps'],
  ).toBe(8);
});

it('`--plugin` loads the folder of a package, and a package of the workspace by its name', async () => {
  const listed = (plugin: string): ReturnType<typeof impflow> => impflow('data', 'list', '--quiet', '--plugin', plugin);
  const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
  const [folder, name, none] = await Promise.all([
    listed(path('../../../../plugins/solver-df-sane')),
    listed('@impflow/solver-df-sane'),
    listed(path('../fixtures')),
  ]);
  expect([folder.code, name.code]).toEqual([0, 0]);
  expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining('Cannot load the plugin') as unknown });
});

it('`train` uses the data, the backend, the adjoint solver and the blocks of a plugin', async () => {
  const run = join(folder, 'all');
  const own = [
    '--data',
    'corners',
    '--backend',
    'slow',
    '--adjoint',
    'bare',
    '--model',
    'plain',
    '--solver',
    'relaxed',
  ];
  const trained = await impflow(
    'train',
    ...own,
    '--plugin',
    plugin,
    '--steps',
    '5',
    '--batch',
    '20',
    '--hidden',
    '8',
    '--blocks',
    '2',
    '--workers',
    '2',
    '--quiet',
    '--json',
    '--out',
    run,
  );
  expect(trained.stderr).toBe('');
  const heldOut = json(trained)['heldOut'];
  const { spec, ...config } = JSON.parse(readFileSync(join(run, 'config.json'), 'utf8')) as {
    readonly spec: { readonly flow: object };
  };
  expect(spec.flow).toMatchObject({
    adjoint: { name: 'bare' },
    blocks: [{ kind: 'standardize' }, { kind: 'plain', g: { hidden: [8] } }, { kind: 'plain' }],
  });
  expect(config).toMatchObject({ program: { backend: 'slow' }, data: { data: 'corners' } });

  const [evaluated, elsewhere, listed, described, misspelt] = await Promise.all([
    impflow('evaluate', run, '--plugin', plugin, '--backend', 'slow', '--json', '--quiet'),
    impflow('evaluate', run),
    impflow('data', 'list', '--plugin', plugin),
    impflow('data', 'describe', 'corners', '--plugin', plugin, '--json'),
    impflow('train', ...own.with(7, 'plian'), '--plugin', plugin, '--out', join(folder, 'none')),
  ]);
  expect(json(evaluated)['heldOut']).toEqual(heldOut);
  expect([elsewhere.code, elsewhere.stderr]).toEqual([2, expect.stringContaining(`--plugin ${plugin}`)]);
  expect(listed.stdout).toMatch(/corners +real +The corners of a square/);
  expect(json(described)).toMatchObject({ rows: 100, columns: [{ name: 'across' }, { name: 'up' }] });
  expect([misspelt.code, misspelt.stderr]).toEqual([2, expect.stringContaining('Did you mean "plain"?')]);
});
