import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fold, key, normals, uniforms } from '@impflow/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { compiled, csv, impflow, json, temporary, within } from './harness.ts';

const folder = temporary();
const at = (name: string): string => join(folder, name);
const TINY = ['--hidden', '8', '--blocks', '1', '--batch', '50', '--base', 'normal', '--workers', '1', '--lr', '0.02'];
const python = ['python3', '/usr/bin/python3'].find(
  (command) => spawnSync(command, ['-c', 'import safetensors']).status === 0,
);

interface Trained {
  readonly heldOut: { readonly nats: number; readonly standardError: number; readonly rows: number };
}

/**
 * Rows with the columns size, wave, dose, group, angle and day. The size is `2 dose + shift of the group + 0.5 e`, the
 * wave depends on the angle, and no column depends on the day. The group is more often `b` for large doses.
 */
const SHIFT: Readonly<Record<string, number>> = { a: -3, b: 0, 'c, late': 4 };
const rows = (seed: number, count: number): readonly (readonly (string | number)[])[] => {
  const [noise, other] = [normals(fold(key(seed), 0), 2 * count), uniforms(fold(key(seed), 1), 3 * count)];
  return Array.from({ length: count }, (_, i) => {
    const dose = noise[2 * i]!;
    const group = Object.keys(SHIFT)[dose > 0.5 ? 1 : Math.floor(3 * other[3 * i]!)]!;
    const angle = 360 * other[3 * i + 1]!;
    const day = new Date(Date.UTC(2024, 0, 1) + 864e5 * Math.floor(366 * other[3 * i + 2]!)).toISOString().slice(0, 10);
    const size = 2 * dose + SHIFT[group]! + 0.5 * noise[2 * i + 1]!;
    return [size, Math.cos((angle * Math.PI) / 180) + 0.1 * noise[2 * i + 1]!, dose, `"${group}"`, angle, day];
  });
};
const HEAD = 'size,wave,dose,group,angle,day';
const train = (out: string, ...more: readonly string[]): readonly string[] => [
  'train',
  '--data',
  at('rows.csv'),
  ...TINY,
  '--out',
  at(out),
  ...more,
];
const GIVEN = ['--given', 'dose,group,angle,day', '--periodic', 'angle:360,day:365.25', '--steps', '40'];

let given: Trained;

beforeAll(async () => {
  csv(at('rows.csv'), HEAD, rows(1, 800));
  csv(at('new.csv'), HEAD, rows(2, 200));
  given = json<Trained>(await within(...train('given', ...GIVEN), '--quiet', '--json'));
}, 60_000);

describe('conditions', () => {
  it('`train` accepts numbers, categories, dates and angles as conditions', async () => {
    const { columns } = json<{ columns: readonly { name: string; kind: string; given?: boolean }[] }>(
      await within('inspect', at('given'), '--json'),
    );
    expect(columns.map(({ name, kind, given: isGiven }) => [name, kind, isGiven])).toEqual([
      ['size', 'number', undefined],
      ['wave', 'number', undefined],
      ['dose', 'number', true],
      ['group', 'category', true],
      ['angle', 'number', true],
      ['day', 'number', true],
    ]);
    // The size and the wave share their noise, so they are dependent. The separate entropies of size and wave are 0.73
    // and -0.88 nats.
    expect(given.heldOut.nats).toBeLessThan(0.5);
  });

  it('`evaluate` returns the results that `train` has reported; for another file, it returns the means of the scores', async () => {
    expect(json<Trained>(await within('evaluate', at('given'), '--json')).heldOut).toEqual(given.heldOut);
    const { heldOut } = json<Trained>(await within('evaluate', at('given'), '--data', at('new.csv'), '--json'));
    const { logDensity } = json<{ logDensity: readonly number[] }>(
      await within('score', at('given'), at('new.csv'), '--json'),
    );
    expect(logDensity).toHaveLength(200);
    expect(heldOut.nats).toBeCloseTo(-logDensity.reduce((sum, value) => sum + value, 0) / 200, 4);
  });

  it('`sample --given` draws under conditions from the command line', async () => {
    const { samples } = json<{ samples: readonly Readonly<Record<string, number | string>>[] }>(
      await within('sample', at('given'), '--given', 'dose=1,group=a,angle=90,day=2024-03-01', '-n', '500', '--json'),
    );
    const sizes = samples.map(({ size }) => size as number);
    expect(samples[0]).toMatchObject({ dose: 1, group: 'a', angle: 90, day: '2024-03-01' });
    const mean = sizes.reduce((sum, value) => sum + value, 0) / sizes.length;
    // The regression has the right form, so its error is the standard error of a mean over some 60 rows of the group:
    // 0.5 / 8.
    expect(Math.abs(mean - -1)).toBeLessThan(0.3);
  });

  it('`sample --given` with a file draws for each row of the file, in the order of the file', async () => {
    csv(at('conditions.csv'), 'group,dose,angle,day', [
      ['a', -1, 0, '2024-01-01'],
      ['"c, late"', 0.2, 180, '2024-07-01'],
    ]);
    const { stdout, code } = await within('sample', at('given'), '--given', at('conditions.csv'), '-n', '3');
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toBe(HEAD);
    expect(lines.slice(1).map((line) => line.includes('"c, late"'))).toEqual([false, false, false, true, true, true]);
  });

  it('`train` accepts `--scaling` together with `--given`', async () => {
    const run = ['--given', 'dose,group', '--scaling', 'quantiles', '--steps', '6', '--quiet', '--json'];
    expect(json(await within(...train('scaled', ...run)))['scaling']).toBe('quantiles');
    expect((await within('inspect', at('scaled'))).stdout).toMatch(/blocks +.*quantileMap/);
  });

  it('a resumed run with conditions has the same bits as an uninterrupted run', async () => {
    json(await within(...train('torn', ...GIVEN.slice(0, -1), '20'), '--quiet', '--json'));
    const resumed = json<Trained>(
      await within('train', '--resume', '--steps', '40', '--out', at('torn'), '--quiet', '--json'),
    );
    expect(resumed.heldOut).toEqual(given.heldOut);
    const { code, stderr } = await within('train', '--resume', '--out', at('torn'), '--given', 'dose');
    expect([code, stderr]).toEqual([2, expect.stringContaining('--given cannot change in a run that is resumed')]);
  });

  it('two runs with conditions and two workers have the same bits', async () => {
    compiled();
    const twice = [];
    for (const out of ['two', 'two-again'])
      twice.push(
        json<Trained>(await impflow(...train(out, ...GIVEN.slice(0, -1), '6'), '--workers', '2', '--quiet', '--json'))
          .heldOut,
      );
    expect(twice[0]).toEqual(twice[1]);
  });

  it('`train` with conditions reads files of validation and test rows', async () => {
    const trained = json<Trained>(
      await within(
        ...train('parts', ...GIVEN.slice(0, -1), '6'),
        '--validation',
        at('new.csv'),
        '--test',
        at('new.csv'),
        '--quiet',
        '--json',
      ),
    );
    expect(trained.heldOut.rows).toBe(200);
    const { provenance } = json<{ provenance: { rows: object } }>(await within('inspect', at('parts'), '--json'));
    expect(provenance.rows).toEqual({ train: 800, validation: 200, test: 200 });
    expect(json<Trained>(await within('evaluate', at('parts'), '--data', at('new.csv'), '--json')).heldOut).toEqual(
      trained.heldOut,
    );
  });
});

describe('categories among the targets', () => {
  it('categories are scored, drawn and inspected as text; a category that no training row has causes a remark', async () => {
    const trained = json<Trained>(
      await within(
        ...train('joint', '--columns', 'size,group,day', '--leave-out', 'wave', '--steps', '40'),
        '--quiet',
        '--json',
      ),
    );
    expect(trained.heldOut.rows).toBe(80);
    const { stdout } = await within('sample', at('joint'), '-n', '200');
    const drawn = stdout.trimEnd().split('\n').slice(1);
    expect(drawn.every((line) => /^-?[\d.]+,(a|b|"c, late"),20(23|24|25)-\d\d-\d\d$/.test(line))).toBe(true);
    expect(new Set(drawn.map((line) => line.split(',')[1])).size).toBe(3);
    csv(at('unseen.csv'), 'size,group,day', [
      [0, 'z', '2024-05-05'],
      [0, 'a', '2024-05-05'],
    ]);
    const { stderr, stdout: scores } = await within('score', at('joint'), at('unseen.csv'), '--json');
    expect(stderr).toContain('group: 1 cell holds a category that training did not see ("z").');
    const [unseen, seen] = (JSON.parse(scores) as { logDensity: readonly number[] }).logDensity;
    expect(seen! - unseen!).toBeGreaterThan(3);
  });

  it('`train` uses `--transform` and `--categorical`, and a density has no mass below a lower bound', async () => {
    csv(
      at('prices.csv'),
      'price,rooms',
      rows(3, 300).map(([size], i) => [Math.exp(0.4 * (size as number)), 1 + (i % 3)]),
    );
    const { stderr, code } = await within(
      ...train('prices', '--data', at('prices.csv'), '--categorical', 'rooms', '--transform', 'log:price'),
      '--steps',
      '10',
    );
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^rooms +category +0 +3 categories: /m)]);
    expect(stderr).toMatch(/^price +number +0 +logarithm, above 0$/m);
    csv(at('negative.csv'), 'price,rooms', [
      [-1, 1],
      [1, 1],
    ]);
    const { logDensity } = json<{ logDensity: readonly number[] }>(
      await within('score', at('prices'), at('negative.csv'), '--json'),
    );
    expect(logDensity[0]).toBe(null);
    expect(Number.isFinite(logDensity[1])).toBe(true);
  });
});

describe('commands on a run with conditions or categories', () => {
  it('`export` refuses a model with conditions, and `import` reports that a checkpoint needs no import', async () => {
    const exported = await within('export', at('given'), '--out', at('weights.safetensors'));
    expect([exported.code, exported.stderr]).toEqual([
      2,
      expect.stringContaining('holds a density with conditions or categories'),
    ]);
    const imported = await within('import', at('given/checkpoint.safetensors'), '--out', at('again'));
    expect([imported.code, imported.stderr]).toEqual([2, expect.stringContaining('is the checkpoint of a run')]);
  });

  it('`score` works with a checkpoint that has no run folder', async () => {
    cpSync(at('given/checkpoint.safetensors'), at('alone.safetensors'));
    const scored = async (run: string): Promise<string> =>
      (await within('score', at(run), at('new.csv'), '--quiet')).stdout;
    expect(await scored('alone.safetensors')).toBe(await scored('given'));
  });

  it.skipIf(python === undefined)(
    'the Python package safetensors opens the checkpoint (skipped without that package)',
    () => {
      const { status, stdout, stderr } = spawnSync(
        python!,
        [
          '-c',
          'import sys, json; from safetensors import safe_open\nwith safe_open(sys.argv[1], "np") as f: print(len(list(f.keys())), sorted(f.metadata()))',
          at('given/checkpoint.safetensors'),
        ],
        { encoding: 'utf8' },
      );
      expect([status, stderr, Number(stdout.split(' ')[0]) > 5]).toEqual([0, '', true]);
    },
  );

  it('`plot` draws the numeric columns into a PNG file', async () => {
    const { code, stderr } = await within('plot', at('given'));
    expect([code, stderr]).toEqual([0, '']);
    expect(readFileSync(at('given/density.png')).subarray(1, 4).toString()).toBe('PNG');
  });
});

describe('wrong input: a command prints one line and exits with 2', () => {
  it.each<readonly [string, () => readonly string[], string]>([
    [
      'options of columns for a toy',
      () => ['train', '--data', 'moons', '--given', 'x', '--out', at('no')],
      '--given does not apply to rows that are drawn from a density',
    ],
    [
      'record options of images',
      () => ['train', '--data', 'digits', '--weights', 'w', '--out', at('no')],
      '--weights does not apply to images',
    ],
    ['an unknown condition', () => train('no', '--given', 'doses'), 'Unknown column'],
    ['two meanings', () => train('no', '--given', 'dose', '--leave-out', 'dose'), 'has two meanings'],
    [
      'no column of numbers that is not a condition',
      () => train('no', '--columns', 'group', '--given', 'size'),
      'No column of numbers to train on',
    ],
    ['a wrong transformation', () => train('no', '--transform', 'logit:size:1:0'), 'Wrong transformation'],
    ['a transformation that does not fit', () => train('no', '--transform', 'log:size'), 'does not fit its values'],
    ['a transformation for a text column', () => train('no', '--transform', 'log:group'), 'Cannot transform "group"'],
    [
      'a period for a text column',
      () => train('no', '--periodic', 'group:3'),
      'The column "group" cannot have a period',
    ],
    ['a wrong period', () => train('no', '--periodic', 'angle'), 'Wrong period'],
    ['weights that are texts', () => train('no', '--weights', 'group'), 'Wrong weight in the column "group"'],
    [
      'a name in place of a file of test rows',
      () => train('no', '--given', 'dose', '--test', 'moons'),
      'Unknown kind of file moons',
    ],
    ['test rows without a column', () => train('no', '--given', 'dose', '--test', at('unseen.csv')), 'No column'],
    ['samples without conditions', () => ['sample', at('given')], 'The conditions are missing'],
    ['samples without all conditions', () => ['sample', at('given'), '--given', 'dose=1'], 'No column'],
    [
      'samples of an unknown condition',
      () => ['sample', at('given'), '--given', 'dosis=1'],
      '"dosis" is not a condition',
    ],
    [
      'samples under a condition with a text in place of a number',
      () => ['sample', at('given'), '--given', 'dose=x,group=a'],
      'Wrong value of the condition dose',
    ],
    [
      'an event on a column that the run does not have',
      () => ['sample', at('joint'), '--given', 'dosis=1'],
      'Unknown column in an event',
    ],
    ['scores of images', () => ['score', at('given'), 'digits'], 'does not fit the model'],
    ['scores without a column', () => ['score', at('given'), at('unseen.csv')], 'No column'],
  ])('for %s, the command prints one line and exits with 2', async (_what, args, said) => {
    csv(at('unseen.csv'), 'size,group,day', [[0, 'a', '2024-05-05']]);
    const { code, stdout, stderr } = await within(...args(), '--quiet');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(said);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});
