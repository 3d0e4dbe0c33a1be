import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasPngSignature } from 'fast-png';
import { beforeAll, describe, expect, it } from 'vitest';
import { csv, json, temporary, within } from './harness.ts';
import { imageFolder } from './image-fixtures.ts';
import { csvRows, penguins, rowsCsv } from './tables.ts';

interface Reason {
  readonly column: string;
  readonly value: string | number;
  readonly typical: string | number;
  readonly part: number;
  readonly percentile: number;
}

interface Repaired {
  readonly row: number;
  readonly repair: {
    readonly pValue: number;
    readonly changes: readonly { readonly column: string; readonly from: number; readonly to: number }[];
  };
}

interface Scores {
  readonly rows: number;
  readonly lowest: readonly { readonly row: number; readonly reasons: readonly Reason[] }[];
  readonly reasons: readonly { readonly row: number; readonly reasons: readonly Reason[] }[];
  readonly explained: number;
  readonly alarm: { readonly rate: number; readonly flagged: number; readonly flags: readonly (number | null)[] };
  readonly logDensity: readonly (number | null)[];
  readonly pValue: readonly (number | null)[];
  readonly standardError?: readonly number[];
  readonly gaps?: readonly number[];
}

const folder = temporary();
const at = (name: string): string => join(folder, name);
const SHORT = [
  '--steps',
  '20',
  '--batch',
  '100',
  '--hidden',
  '8',
  '--blocks',
  '1',
  '--workers',
  '1',
  '--quiet',
  '--json',
];
const BODY = 'Body Mass (g)';
const birds = penguins();
const names = Object.keys(birds[0]!);
const scored = async (...args: readonly string[]): Promise<Scores> =>
  json<Scores>(await within('score', ...args, '--quiet', '--json'));

let heldOut: number;

beforeAll(async () => {
  rowsCsv(at('birds.csv'), birds);
  json(await within('train', '--data', at('birds.csv'), ...SHORT, '--out', at('run')));
  const trained = json<{ heldOut: { rows: number } }>(
    await within('train', '--data', 'earthquakes', ...SHORT, '--out', at('quakes')),
  );
  heldOut = trained.heldOut.rows;
  // The ninth penguin is an unusually heavy Adelie. The last two penguins have gaps.
  rowsCsv(at('odd.csv'), [
    ...birds.slice(20, 28),
    { ...birds[0]!, [BODY]: 9000 },
    { ...birds[1]!, Sex: null },
    { ...birds[2]!, Sex: null, [BODY]: 9000 },
  ]);
  writeFileSync(at('quakes.csv'), (await within('sample', at('quakes'), '-n', '300', '--seed', '5')).stdout);
}, 120_000);

describe('`score --explain`', () => {
  it('`score --explain` lists an unusual cell before the other cells', async () => {
    const { lowest, reasons, explained, logDensity } = await scored(at('run'), at('odd.csv'), '--explain');
    expect([explained, reasons.length]).toEqual([11, 11]);
    expect(
      lowest
        .slice(0, 2)
        .map(({ row }) => row)
        .toSorted((a, b) => a - b),
    ).toEqual([9, 11]);
    for (const { reasons: own } of lowest.slice(0, 2)) {
      expect(own[0]).toMatchObject({ column: BODY, value: 9000, percentile: 100 });
      expect(own[0]!.part).toBeGreaterThan(15);
      expect(Number(own[0]!.typical)).toBeGreaterThan(2500);
      expect(Number(own[0]!.typical)).toBeLessThan(6500);
    }
    // The value of `part` is close to the increase of the log-density if the cell is replaced by a usual cell.
    rowsCsv(at('usual.csv'), [birds[0]!]);
    const { logDensity: usual } = await scored(at('run'), at('usual.csv'));
    const heavy = reasons.find(({ row }) => row === 9)!.reasons[0]!;
    expect(Math.abs(heavy.part - (usual[0]! - logDensity[8]!))).toBeLessThan(6);
    // There is no explanation of a missing cell.
    expect(reasons.find(({ row }) => row === 10)!.reasons.map(({ column }) => column)).not.toContain('Sex');
  });

  it('`score --repair` changes the wrong cell of a strange row, writes the change, and refuses parts of a table', async () => {
    const answer = json<{ readonly repairs: readonly Repaired[] }>(
      await within('score', at('run'), at('odd.csv'), '--repair', '--alarm', '0.1', '--quiet', '--json'),
    );
    const { repair } = answer.repairs.find(({ row }) => row === 9)!;
    const { to } = repair.changes[0]!;
    expect(repair).toMatchObject({ outcome: 'repaired', cost: 1, changes: [{ column: BODY, from: 9000, to }] });
    expect(repair.pValue).toBeGreaterThan(0.1);
    // The p-value of the repair is the p-value of the repaired row.
    rowsCsv(at('repaired.csv'), [{ ...birds[0]!, [BODY]: to }]);
    expect((await scored(at('run'), at('repaired.csv'))).pValue[0]).toBe(repair.pValue);
    await within('score', at('run'), at('odd.csv'), '--repair', '--alarm', '0.1', '--out', at('mended.csv'));
    const rows = csvRows(at('mended.csv'));
    expect(rows[8]).toMatchObject({ repair: `${BODY}: 9000 to ${to}`, repaired_p_value: String(repair.pValue) });
    // The row with gaps has no p-value, so it is not repaired.
    expect(rows[9]).toMatchObject({ repair: '', repaired_p_value: '' });
    const refused = await within('score', at('run'), at('odd.csv'), '--repair', '--workers', '1');
    expect(refused.stderr).toContain('--repair needs all rows in memory');
  });

  it('`score --explain` writes the explanations as columns in the order of the file, and draws a picture', async () => {
    const { stdout } = await within(
      'score',
      at('run'),
      at('odd.csv'),
      '--explain',
      '--alarm',
      '0.1',
      '--out',
      at('scores.csv'),
    );
    expect(stdout).toMatch(/Body Mass \(g\) 9,000, typical \d,\d+: \d+ nats/);
    expect(stdout).toContain(`as a picture: ${at('scores.png')}`);
    const rows = csvRows(at('scores.csv'));
    expect(Object.keys(rows[0]!)).toEqual([
      'log_density',
      'percentile',
      'converged',
      'se',
      'gaps',
      'p_value',
      'alarm',
      ...names.flatMap((name) => [`part:${name}`, `typical:${name}`, `percentile:${name}`]),
    ]);
    expect(rows).toHaveLength(11);
    expect(rows[9]).toMatchObject({ gaps: '1', 'part:Sex': '', p_value: '', alarm: '' });
    expect(['MALE', 'FEMALE']).toContain(rows[9]!['typical:Sex']);
    expect(Number(rows[8]![`part:${BODY}`])).toBeGreaterThan(15);
    expect(rows[8]).toMatchObject({ alarm: '1' });
    expect(hasPngSignature(readFileSync(at('scores.png')))).toBe(true);
  });

  it('`score --explain` keeps an existing picture unless `--force` is given', async () => {
    writeFileSync(at('kept.png'), 'mine');
    const args = ['score', at('run'), at('odd.csv'), '--explain', '--out', at('kept.csv')];
    expect((await within(...args)).stderr).toContain('no picture is drawn');
    expect(readFileSync(at('kept.png'), 'utf8')).toBe('mine');
    expect((await within(...args, '--force')).code).toBe(0);
    expect(hasPngSignature(readFileSync(at('kept.png')))).toBe(true);
    rmSync(at('kept.png'));
    expect((await within('score', at('run'), at('odd.csv'), '--out', at('kept.csv'), '--force')).code).toBe(0);
    expect(existsSync(at('kept.png'))).toBe(false);
  });

  it('the contributions of a column (`part`) in `score --explain` have mean zero over rows that are drawn from the model', async () => {
    const { reasons } = await scored(at('quakes'), at('quakes.csv'), '--explain');
    expect(reasons).toHaveLength(300);
    for (const column of ['longitude (degrees)', 'latitude (degrees)']) {
      const parts = reasons.map(({ reasons: own }) => own.find((reason) => reason.column === column)!.part);
      const mean = parts.reduce((sum, part) => sum + part, 0) / parts.length;
      const error = Math.sqrt(parts.reduce((sum, part) => sum + (part - mean) ** 2, 0)) / parts.length;
      expect(Math.abs(mean), column).toBeLessThan(4.5 * error);
      // The percentiles of the cells, among draws given the other cells, are uniformly distributed.
      const percentiles = reasons.map(({ reasons: own }) => own.find((reason) => reason.column === column)!.percentile);
      const middle = percentiles.reduce((sum, each) => sum + each, 0) / percentiles.length;
      expect(Math.abs(middle - 50), column).toBeLessThan(4.5 * (100 / Math.sqrt(12 * percentiles.length)));
    }
  });

  it('`score --explain` explains only the least likely rows of a long file, and prints a note', async () => {
    const { stderr, stdout } = await within('score', at('quakes'), 'earthquakes', '--explain', '--json');
    const answer = JSON.parse(stdout) as Scores;
    expect(answer.explained).toBe(1562);
    expect(answer.rows).toBeGreaterThan(1562);
    expect(stderr).toContain('Reasons for the 1,562 least likely of');
  }, 60_000);

  it('`score --explain` refuses a .npy file, which cannot store text, and a run of a classifier', async () => {
    const { code, stderr } = await within('score', at('run'), at('odd.csv'), '--explain', '--out', at('new.npy'));
    expect([code, stderr]).toEqual([2, expect.stringContaining('A .npy file cannot store text')]);
    expect(existsSync(at('new.npy'))).toBe(false);
    imageFolder(at('sides'), { count: 8 });
    json(
      await within(
        'train',
        '--data',
        at('sides'),
        '--task',
        'classify',
        '--widths',
        '4',
        '--steps',
        '1',
        '--batch',
        '8',
        '--workers',
        '1',
        '--quiet',
        '--json',
        '--out',
        at('classes'),
      ),
    );
    for (const option of [['--explain'], ['--alarm', '0.1']]) {
      const refused = await within('score', at('classes'), at('sides'), ...option);
      expect([refused.code, refused.stderr]).toEqual([
        2,
        expect.stringMatching(`^\\[cli\\] ${option[0]} does not apply to .*got a classifier`),
      ]);
    }
    const refused = await within('impute', at('classes'), at('sides'));
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('impute does not apply')]);
  }, 60_000);
});

describe('`score --alarm`', () => {
  it('`score --alarm` flags the rows whose p-value is at most the given rate', async () => {
    const { alarm, pValue, rows } = await scored(at('quakes'), 'earthquakes', '--alarm', '0.1');
    expect(alarm.flags).toEqual(pValue.map((p) => (p! <= 0.1 ? 1 : 0)));
    expect(alarm.flagged).toBe(alarm.flags.filter((flag) => flag === 1).length);
    // The run was trained on these rows, so the share of flagged rows is near the rate. The random choice of the
    // held-out rows causes a small difference.
    expect(Math.abs(alarm.flagged / rows - 0.1)).toBeLessThan(5 * Math.sqrt(0.09 / heldOut));
    csv(at('far.csv'), 'longitude (degrees),latitude (degrees)', [[500, -500]]);
    expect((await scored(at('quakes'), at('far.csv'), '--alarm', '0.1')).pValue).toEqual([1 / (heldOut + 1)]);
    const { stdout, stderr } = await within('score', at('quakes'), 'earthquakes', '--alarm', '0.1');
    expect(stdout).toContain(`${alarm.flagged} of 1,679 rows are flagged: their p-value is at most 0.1. If all rows`);
    expect(stdout).toContain('at most 10 % of them would be flagged, in expectation');
    expect(stderr).not.toContain('too few');
  });

  it('`score --alarm` prints a note if there are too few held-out rows for the rate', async () => {
    const { stderr, stdout } = await within('score', at('quakes'), 'earthquakes', '--alarm', '0.001');
    expect(stderr).toContain(`${heldOut} held-out rows are too few for --alarm 0.001: the smallest p-value is 0.0059`);
    expect(stdout).toContain('0 of 1,679 rows are flagged');
  });

  it.each([['2'], ['0'], ['1'], ['often']])('`score --alarm` refuses the rate %s', async (rate) => {
    const { code, stderr } = await within('score', at('quakes'), 'earthquakes', '--alarm', rate);
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/^\[cli\] Wrong value of --alarm: expected a number between 0 and 1/),
    ]);
  });
});

describe('`score` of numbers with gaps', () => {
  it('`score` integrates over a missing cell, and does not change the scores of rows without gaps', async () => {
    const [head, ...lines] = readFileSync(at('quakes.csv'), 'utf8').trimEnd().split('\n');
    const [, latitude] = lines[0]!.split(',');
    writeFileSync(at('open.csv'), `${[head, ...lines.slice(0, 20), `,${latitude}`].join('\n')}\n`);
    writeFileSync(at('whole.csv'), `${[head, ...lines.slice(0, 20)].join('\n')}\n`);
    const [open, whole] = [await scored(at('quakes'), at('open.csv')), await scored(at('quakes'), at('whole.csv'))];
    expect(open.logDensity.slice(0, 20)).toEqual(whole.logDensity);
    expect([open.gaps!.at(-1), open.pValue.at(-1), whole.gaps]).toEqual([1, null, undefined]);
    // The expected density is a sum of the joint density over a grid of longitudes. The grid extends far beyond the
    // rows.
    const [low, high, steps] = [-700, 700, 4000];
    const step = (high - low) / steps;
    csv(
      at('grid.csv'),
      head!,
      Array.from({ length: steps }, (_, i) => [low + (i + 0.5) * step, latitude!]),
    );
    const { logDensity } = await scored(at('quakes'), at('grid.csv'));
    const sum = logDensity.reduce<number>((total, value) => total + step * Math.exp(value!), 0);
    expect(Math.abs(open.logDensity.at(-1)! - Math.log(sum))).toBeLessThan(1e-3 + 5 * open.standardError!.at(-1)!);
  }, 60_000);

  it('`score` refuses text in a column of numbers', async () => {
    csv(at('text.csv'), 'longitude (degrees),latitude (degrees)', [
      [1, 2],
      ['east', ''],
    ]);
    const { code, stderr } = await within('score', at('quakes'), at('text.csv'));
    expect([code, stderr]).toEqual([2, expect.stringMatching(/text\.csv.*east/)]);
  });
});
