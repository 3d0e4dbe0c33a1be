import { join } from 'node:path';
import { fold, key, normals, uniforms } from '@impflow/core';
import { readableExtensions } from '@impflow/tables';
import { beforeAll, describe, expect, it } from 'vitest';
import { csv, json, temporary, within } from './harness.ts';

interface HeldOut {
  readonly nats: number;
  readonly standardError: number;
  readonly rows: number;
}

const folder = temporary();
const at = (name: string): string => join(folder, name);
const TINY = [
  '--hidden',
  '8',
  '--blocks',
  '1',
  '--batch',
  '50',
  '--validate-every',
  '5',
  '--workers',
  '1',
  '--quiet',
  '--json',
];
const PARTS = ['--validation', at('held.csv'), '--test', at('last.csv')];

/** The table has a column of tenths and a Gaussian column. */
const rows = (seed: number, count: number): readonly (readonly number[])[] => {
  const [ages, sizes] = [uniforms(fold(key(seed), 0), count), normals(fold(key(seed), 1), count)];
  return Array.from({ length: count }, (_, i) => [Math.floor(300 * ages[i]!) / 10, sizes[i]!]);
};

let trained: { readonly heldOut: HeldOut };

beforeAll(async () => {
  csv(at('train.csv'), 'age,size', rows(1, 1000));
  csv(
    at('held.csv'),
    'size,age',
    rows(2, 150).map(([age, size]) => [size!, age!]),
  );
  csv(at('last.csv'), 'age,size', rows(3, 70));
  csv(at('lacking.csv'), 'age,weight', rows(3, 70));
  trained = json(
    await within('train', '--data', at('train.csv'), ...PARTS, '--steps', '20', ...TINY, '--out', at('run')),
  );
});

describe('`train --validation --test`', () => {
  it('`train --validation --test` evaluates on these files, and stores their paths', async () => {
    expect(trained.heldOut.rows).toBe(70);
    const { provenance } = json<{ provenance: { rows: object } }>(await within('inspect', at('run'), '--json'));
    expect(provenance.rows).toEqual({ train: 1000, validation: 150, test: 70 });
    expect(json<{ heldOut: HeldOut }>(await within('evaluate', at('run'), '--json')).heldOut).toEqual(trained.heldOut);
    // The rows of the test file get the same noise as in the run.
    expect(
      json<{ heldOut: HeldOut }>(await within('evaluate', at('run'), '--data', at('last.csv'), '--json')).heldOut,
    ).toEqual(trained.heldOut);
  });

  it('`train` takes a tenth of `--data` for validation or test if the file for it is not given', async () => {
    const { heldOut } = json<{ heldOut: HeldOut }>(
      await within(
        'train',
        '--data',
        at('train.csv'),
        '--validation',
        at('held.csv'),
        '--steps',
        '2',
        ...TINY,
        '--out',
        at('one'),
      ),
    );
    expect(heldOut.rows).toBe(100);
    expect(
      json<{ provenance: { rows: object } }>(await within('inspect', at('one'), '--json')).provenance.rows,
    ).toEqual({ train: 900, validation: 150, test: 100 });
  });

  it('a resumed run reads the same validation and test files, and has the same bits', async () => {
    json(await within('train', '--data', at('train.csv'), ...PARTS, '--steps', '10', ...TINY, '--out', at('torn')));
    const resumed = json<{ heldOut: HeldOut }>(
      await within('train', '--resume', '--steps', '20', '--out', at('torn'), '--quiet', '--json'),
    );
    expect(resumed.heldOut).toEqual(trained.heldOut);
    const { code, stderr } = await within('train', '--resume', '--out', at('torn'), '--test', at('held.csv'));
    expect([code, stderr]).toEqual([2, expect.stringContaining('--test cannot change in a run that is resumed')]);
  });

  it('`train --resume` refuses a run if its validation or test file has changed', async () => {
    csv(at('moving.csv'), 'age,size', rows(4, 50));
    json(
      await within(
        'train',
        '--data',
        at('train.csv'),
        '--test',
        at('moving.csv'),
        '--steps',
        '2',
        ...TINY,
        '--out',
        at('moved'),
      ),
    );
    csv(at('moving.csv'), 'age,size', rows(5, 50));
    for (const args of [
      ['evaluate', at('moved')],
      ['train', '--resume', '--out', at('moved')],
    ]) {
      const { code, stderr } = await within(...args);
      expect([code, stderr]).toEqual([2, expect.stringContaining('moving.csv differs from the data')]);
    }
  });

  it.each<readonly [string, readonly string[], readonly string[]]>([
    ['a missing column', ['--data', at('train.csv'), '--test', at('lacking.csv')], ['lacking.csv', '"size"']],
    [
      'images',
      ['--data', at('train.csv'), '--validation', folder],
      ['Unknown kind of file', readableExtensions.join(', ')],
    ],
    ['a toy', ['--data', 'moons', '--test', at('last.csv')], ['--test', 'rows that are drawn from a density']],
    ['images to train on', ['--data', 'digits', '--test', at('last.csv')], ['--test does not apply to images']],
  ])('`train` refuses %s before it writes a file', async (_what, options, said) => {
    const { code, stderr } = await within('train', ...options, '--steps', '2', '--out', at('never'));
    expect(code).toBe(2);
    for (const words of said) expect(stderr).toContain(words);
  });
});
