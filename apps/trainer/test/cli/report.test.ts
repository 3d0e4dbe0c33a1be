import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { json, temporary, within } from './harness.ts';
import { imageFolder } from './image-fixtures.ts';
import { csvRows, penguins, rowsCsv } from './tables.ts';

interface Told {
  readonly out: string;
  readonly bytes: number;
  readonly odd: readonly {
    readonly row: number;
    readonly pValue: number;
    readonly reason: string;
    readonly cells: string;
  }[];
  readonly drift?: { readonly drifted: boolean; readonly columns: readonly { readonly column: string }[] };
  readonly synthetic?: {
    readonly revealsTraining: boolean;
    readonly classifier: { readonly accuracy: number; readonly pValue: number };
    readonly privacy: Readonly<Record<'copies' | 'closest' | 'membership', { readonly value: number }>>;
  };
}

const folder = temporary();
const at = (name: string): string => join(folder, name);
const SHORT = ['--steps', '30', '--hidden', '8', '--blocks', '1', '--workers', '1', '--quiet', '--json'];
const told = async (...args: readonly string[]): Promise<Told> =>
  json<Told>(await within('report', ...args, '--quiet', '--json'));
const page = (file: string): string => readFileSync(file, 'utf8');

beforeAll(async () => {
  const rows = penguins().filter((row) => Object.values(row).every((cell) => cell !== null && cell !== ''));
  // Every fifth row is a test row, so the other rows are the rows of the training and of the validation.
  rowsCsv(
    at('train.csv'),
    rows.filter((_, i) => i % 5 > 1),
  );
  rowsCsv(
    at('validation.csv'),
    rows.filter((_, i) => i % 5 === 1),
  );
  rowsCsv(
    at('test.csv'),
    rows.filter((_, i) => i % 5 === 0),
  );
  json(
    await within(
      'train',
      '--data',
      at('train.csv'),
      '--validation',
      at('validation.csv'),
      '--test',
      at('test.csv'),
      '--base',
      'fitted',
      ...SHORT,
      '--out',
      at('run'),
    ),
  );
});

describe('impflow report', () => {
  it('writes one page without scripts and addresses into the run folder, and replaces it', async () => {
    const { out, bytes, odd } = await told(at('run'));
    expect(out).toBe(at('run/report.html'));
    expect(statSync(out).size).toBe(bytes);
    expect(bytes).toBeLessThan(2e6);
    const text = page(out);
    expect(text).not.toMatch(/<script|https?:\/\/|<link|@import|url\(/);
    for (const title of ['assumed', 'quality', 'drawn', 'odd', 'made']) expect(text).toContain(`<h2 id="${title}">`);
    expect(text).toContain('Body Mass (g)');
    expect(odd.length).toBe(10);
    // The least likely test row is the only row of the test rows that is at most as likely as itself.
    const rows = csvRows(at('test.csv')).length;
    expect(odd[0]!.pValue).toBeCloseTo(1 / rows, 12);
    expect(odd.map(({ pValue }) => pValue)).toEqual(odd.map((_, i) => expect.closeTo((i + 1) / rows, 12)));
    expect((await told(at('run'))).bytes).toBe(bytes);
  });

  it('names the odd cell of a file, and escapes texts of the file', async () => {
    const rows = csvRows(at('test.csv')).slice(0, 8);
    // Rows are counted as in the file, although the second row has a gap and is left out.
    const odd = rows.map((row, i) =>
      i === 3 ? { ...row, 'Body Mass (g)': 16_000, Species: '<b>&' } : i === 1 ? { ...row, 'Body Mass (g)': '' } : row,
    );
    rowsCsv(at('odd.csv'), odd);
    const found = await told(at('run'), at('odd.csv'), '--out', at('odd.html'));
    expect(found.odd[0]).toMatchObject({ row: 4 });
    expect(found.odd[0]!.reason).toContain('Body Mass (g) 16,000');
    expect(page(at('odd.html'))).not.toContain('<b>&');
    // The cells are the cells of the file, not the lower ends of their noise intervals.
    const cells = found.odd.find(({ row }) => row === 1)!.cells;
    const length = /Beak Length \(mm\) ([\d.]+)/.exec(cells)![1];
    expect(Number(length)).toBe(Number(rows[0]!['Beak Length (mm)']));
    // Too few rows for a test of drift.
    expect(found.drift).toBeUndefined();
  });

  it('tells whether the rows of a file drifted', async () => {
    const rows = csvRows(at('test.csv'));
    rowsCsv(
      at('heavy.csv'),
      rows.map((row) => ({ ...row, 'Body Mass (g)': Number(row['Body Mass (g)']) + 1500 })),
    );
    const { drift } = await told(at('run'), at('heavy.csv'), '--out', at('heavy.html'));
    expect(drift).toMatchObject({ drifted: true });
    expect(drift!.columns[0]!.column).toBe('Body Mass (g)');
    expect(page(at('heavy.html'))).toContain('Drift: the new rows have another distribution');
    const same = await told(at('run'), at('validation.csv'), '--out', at('same.html'));
    expect(same.drift).toMatchObject({ drifted: false });
  });

  it('calls out training rows that are given as synthetic, and not its own draws', async () => {
    const copied = await told(at('run'), '--synthetic', at('train.csv'), '--out', at('copied.html'));
    expect(copied.synthetic).toMatchObject({ revealsTraining: true, privacy: { copies: { value: 1 } } });
    expect(page(at('copied.html'))).toContain('100 % of them are copies');
    const own = await told(at('run'), '--synthetic', at('run/samples.csv'), '--out', at('own.html'));
    expect(own.synthetic).toMatchObject({ revealsTraining: false });
    expect(page(at('own.html'))).toContain('No sign of copied training rows.');
  });

  it('refuses a wrong place, a file that exists, its own input and a run on images', async () => {
    await expect(within('report', at('run'), '--out', at('page.csv'))).resolves.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('extension of --out'),
    });
    writeFileSync(at('there.html'), 'mine');
    await expect(within('report', at('run'), '--out', at('there.html'))).resolves.toMatchObject({ code: 2 });
    expect(page(at('there.html'))).toBe('mine');
    const lone = at('lone.safetensors');
    writeFileSync(lone, readFileSync(at('run/checkpoint.safetensors')));
    await expect(within('report', lone)).resolves.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no run folder'),
    });
    await told(lone, '--out', at('lone.html'));
    expect(existsSync(at('lone.html'))).toBe(true);
    const images = imageFolder(at('images'), { classes: false });
    json(
      await within(
        'train',
        '--data',
        images,
        '--steps',
        '1',
        '--workers',
        '1',
        '--quiet',
        '--json',
        '--out',
        at('pictures'),
      ),
    );
    await expect(within('report', at('pictures'))).resolves.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('report does not apply'),
    });
  });
});
