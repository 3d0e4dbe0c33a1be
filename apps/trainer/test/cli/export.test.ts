import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { key, normals } from '@impflow/core';
import { readSafetensors } from '@impflow/training';
import { beforeAll, describe, expect, it } from 'vitest';
import { csv, fixture, json, temporary, tree, within } from './harness.ts';

const folder = temporary();
const at = (name: string): string => join(folder, name);
const root = fileURLToPath(new URL('../../../../', import.meta.url));
const python = ['python3', '/usr/bin/python3'].find(
  (command) => spawnSync(command, ['-c', 'import torch']).status === 0,
);
const scores = async (run: string): Promise<readonly number[]> =>
  json<{ logDensity: number[] }>(await within('score', at(run), at('rows.csv'), '--json')).logDensity;

beforeAll(async () => {
  const noise = normals(key(1), 600);
  csv(
    at('rows.csv'),
    'height,weight',
    Array.from({ length: 300 }, (_, i) => [noise[2 * i]!, noise[2 * i]! ** 2 + noise[2 * i + 1]!]),
  );
  csv(
    at('whole.csv'),
    'height,weight',
    Array.from({ length: 300 }, (_, i) => [Math.round(4 * noise[2 * i]!), Math.round(10 * noise[2 * i + 1]!) / 10]),
  );
  const train = ['train', '--steps', '30', '--batch', '60', '--hidden', '8,8', '--blocks', '2', '--quiet'];
  for (const [name, table, ...more] of [
    ['averaged', 'rows.csv', '--preset', 'toy', '--ema', '0.8'],
    ['residual', 'rows.csv', '--preset', 'toy', '--model', 'residual', '--activation', 'lipSwish'],
    ['scaled', 'rows.csv', '--preset', 'tabular'],
    ['coupling', 'rows.csv', '--model', 'coupling'],
    ['whole', 'whole.csv', '--preset', 'toy'],
  ]) {
    const { code, stderr } = await within(...train, '--data', at(table!), ...more, '--out', at(name!));
    if (code !== 0) throw new Error(stderr);
  }
}, 120_000);

describe('export', () => {
  it.each(['averaged', 'residual', 'scaled', 'coupling', 'whole'])(
    'a run that is exported and imported again has the same log-densities, bit for bit: %s',
    async (run) => {
      json(await within('export', at(run), '--out', at(`${run}.safetensors`), '--json'));
      json(await within('import', at(`${run}.safetensors`), '--out', at(`${run}-again`), '--json'));
      expect(await scores(`${run}-again`)).toEqual(await scores(run));
    },
  );

  it('an exported and imported run samples whole numbers and tenths in the same columns as the original run', async () => {
    json(await within('export', at('whole'), '--out', at('grid.safetensors'), '--json'));
    json(await within('import', at('grid.safetensors'), '--out', at('grid'), '--json'));
    const drawn = async (run: string): Promise<string> => (
      await within('sample', at(run), '-n', '50', '--seed', '3', '--out', at(`${run}-drawn.csv`)),
      readFileSync(at(`${run}-drawn.csv`), 'utf8')
    );
    expect(await drawn('grid')).toBe(await drawn('whole'));
    expect(await drawn('grid')).toMatch(/^height,weight\n(-?\d+,-?\d+(\.\d)?\n){50}$/);
  });

  it('`export` writes noise widths, and `import` refuses noise widths of unknown columns', async () => {
    json(await within('export', at('whole'), '--out', at('spoiled.safetensors'), '--json'));
    writeFileSync(
      at('spoiled.safetensors'),
      readFileSync(at('spoiled.safetensors'), 'latin1').replace('\\"weight\\":0.1', '\\"wEight\\":0.1'),
      'latin1',
    );
    const { code, stderr } = await within('import', at('spoiled.safetensors'), '--out', at('spoiled'));
    expect([code, stderr]).toEqual([2, expect.stringContaining('Wrong metadata dequantized')]);
  });

  it('`export` writes the published names of tensors, and metadata for a loader', async () => {
    const told = json(await within('export', at('averaged'), '--out', at('names.safetensors'), '--json'));
    const { tensors, metadata } = await readSafetensors(at('names.safetensors'));
    expect(told).toMatchObject({ tensors: Object.keys(tensors).length, published: Object.keys(tensors).length });
    expect(Object.keys(tensors)).toEqual(expect.arrayContaining(['chain.0.nnet_x.0.weight', 'chain.1.nnet_z.4.u']));
    expect(tensors['chain.0.nnet_x.0.weight']!.shape).toEqual([8, 2]);
    expect(metadata).toMatchObject({ format: 'pt', activation: 'sin', coeff: '0.99', columns: '["height","weight"]' });
    const { spec } = json<{ spec: { flow: object } }>(await within('inspect', at('averaged'), '--json'));
    expect(JSON.parse(metadata['spec']!)).toEqual(spec.flow);
  });

  it('`export` reports the number of tensors without published names', async () => {
    const { stdout } = await within('export', at('coupling'), '--out', at('paths.safetensors'));
    expect(stdout).toContain('without a published name');
    expect(Object.keys((await readSafetensors(at('paths.safetensors'))).tensors)).toContain('blocks.2.layers.0.weight');
  });

  it('`export` of an imported published model writes the original tensors', async () => {
    const source = fixture('../../../../packages/flows/test/parity/fixtures/image_conv.safetensors');
    json(
      await within(
        'import',
        source,
        '--activation',
        'swish',
        '--coeff',
        '0.9',
        '--image',
        '8,8,1',
        '--out',
        at('images'),
        '--json',
      ),
    );
    json(await within('export', at('images'), '--out', at('images.safetensors'), '--json'));
    const [before, after] = [
      (await readSafetensors(source)).tensors,
      (await readSafetensors(at('images.safetensors'))).tensors,
    ];
    expect(Object.keys(after).length).toBeGreaterThan(40);
    for (const [name, tensor] of Object.entries(after))
      expect(before[`param.${name}`] ?? before[`buffer.${name}`], name).toEqual(tensor);
  });

  it.each([
    ['over a file', ['averaged', '--out', 'rows.safetensors'], ['rows.safetensors exists already', '--force']],
    [
      'over the run itself',
      ['averaged', '--out', 'averaged/checkpoint.safetensors', '--force'],
      ['the checkpoint of the run itself'],
    ],
    ['to another kind of file', ['averaged', '--out', 'weights.pth'], ['.safetensors']],
    ['into a missing folder', ['averaged', '--out', 'no/weights.safetensors'], ['Create it first']],
    ['of a missing run', ['nothing', '--out', 'new.safetensors'], ['No run at']],
  ] as const)('%s: export prints an error and changes no file', async (_what, [run, flag, out, ...more], said) => {
    writeFileSync(at('rows.safetensors'), 'mine');
    const before = tree(folder);
    const { code, stderr } = await within('export', at(run), flag, at(out), ...more);
    expect(code).toBe(2);
    for (const words of said) expect(stderr).toContain(words);
    expect(tree(folder)).toEqual(before);
  });

  it('`sample --given` prints an error for a single value of a column whose values do not repeat', async () => {
    const { code, stderr } = await within('sample', at('scaled'), '--given', 'height=1');
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('The values of this column do not repeat, so a single value has the probability 0.'),
    ]);
  });

  it('`export` replaces a file with `--force`', async () => {
    copyFileSync(at('rows.csv'), at('old.safetensors'));
    expect((await within('export', at('residual'), '--out', at('old.safetensors'), '--force')).code).toBe(0);
    expect(Object.keys((await readSafetensors(at('old.safetensors'))).tensors)).toContain('chain.0.nnet.1.beta');
  });
});

describe('the loader of docs/pytorch.md', () => {
  it('the loader of docs/pytorch.md equals tools/pytorch/load.py, and has ten lines', () => {
    const page = readFileSync(join(root, 'docs/pytorch.md'), 'utf8');
    const [load, flow] = ['load.py', 'flow.py'].map((name) =>
      readFileSync(join(root, 'tools/pytorch', name), 'utf8')
        .trimEnd()
        .split('\n')
        .slice(1),
    );
    expect(load).toHaveLength(10);
    expect(page).toContain(`\`\`\`python file="load.py"\n${load!.join('\n')}\n\`\`\`\n`);
    expect(page).toContain(`\`\`\`python file="flow.py"\n${flow!.join('\n')}\n\`\`\`\n`);
  });

  it.skipIf(python === undefined).each(['averaged', 'residual', 'whole'])(
    'the loader of docs/pytorch.md computes the log-densities of impflow for %s (skipped without a python3 with torch)',
    async (run) => {
      csv(at('few.csv'), 'height,weight', [
        [0, 0],
        [1.5, -0.5],
        [-2, 3],
        [0.3, 0.7],
      ]);
      json(await within('export', at(run), '--out', at(`${run}-torch.safetensors`), '--json'));
      writeFileSync(at('few.json'), (await within('score', at(run), at('few.csv'), '--json')).stdout);
      const { status, stdout, stderr } = spawnSync(
        python!,
        [join(root, 'tools/pytorch/check-loader.py'), at(`${run}-torch.safetensors`), at('few.csv'), at('few.json')],
        { encoding: 'utf8' },
      );
      expect([status, stderr]).toEqual([0, expect.anything()]);
      expect(JSON.parse(stdout)).toMatchObject({ rows: 4 });
    },
  );
});
