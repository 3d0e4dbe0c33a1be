import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fold, key, normals, uniforms } from '@impflow/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { csv, temporary, within, type Outcome } from './harness.ts';

const folder = temporary();
const at = (name: string): string => join(folder, name);
const train = (data: string, ...more: readonly string[]): Promise<Outcome> =>
  within(
    'train',
    '--data',
    at(data),
    '--steps',
    '5',
    '--hidden',
    '8',
    '--blocks',
    '1',
    '--batch',
    '30',
    '--base',
    'normal',
    '--workers',
    '1',
    '--out',
    at('run'),
    '--force',
    ...more,
  );

/** Six spellings of a gap, and the empty cell. */
const GAPS = ['NA', 'n/a', 'NULL', 'NaN', 'None', '#N/A', ''];

/**
 * An export of a German spreadsheet: byte order mark, quotes, semicolons, decimal commas, two formats of dates, gaps in
 * six spellings, a row number, a name per row, a constant, and thirty copied lines. `shift` changes the prices.
 */
const messy = (cell: (row: number, column: string, text: string) => string = (_row, _column, text) => text): string => {
  const [chance, noise] = [uniforms(fold(key(1), 0), 2000), normals(fold(key(1), 1), 800)];
  const comma = (value: number, digits: number): string => value.toFixed(digits).replace('.', ',');
  const rows = Array.from({ length: 400 }, (_, i) => {
    const kind = Math.floor(3 * chance[i]!);
    const area = 20 + 10 * kind + 30 * chance[400 + i]!;
    const day = new Date(Date.UTC(2020, 0, 1) + 864e5 * Math.floor(1000 * chance[800 + i]!));
    const [year, month, date] = day.toISOString().slice(0, 10).split('-');
    const gap = (text: string, share: number): string =>
      chance[1200 + i]! < share ? GAPS[Math.floor(7 * chance[1600 + i]!)]! : text;
    const cells: Readonly<Record<string, string>> = {
      Nr: String(i + 1),
      Name: `"Objekt ""${i}"""`,
      Sorte: ['"rot; dunkel"', 'weiß', 'rosé'][kind]!,
      Preis: gap(comma(Math.exp(2 + 0.03 * area + 0.2 * noise[i]!), 2), 0.03),
      Fläche: gap(comma(area, 1), 0.06),
      Datum: gap(i % 3 === 0 ? `${year}-${month}-${date}` : `${date}.${month}.${year}`, 0.02),
      Land: 'AT',
      Note: comma(noise[400 + i]!, 3),
    };
    return Object.entries(cells)
      .map(([column, text]) => cell(i, column, text))
      .join(';');
  });
  const head = 'Nr;Name;Sorte;Preis;"Fläche";Datum;Land;Note';
  return `\ufeff${[head, ...rows, ...rows.slice(0, 30)].join('\r\n')}\r\n`;
};

beforeAll(() => {
  writeFileSync(at('messy.csv'), messy());
});

describe('a messy file', () => {
  it('`train` reports an identifier column in one line, with the flag that leaves the column out', async () => {
    const { code, stdout, stderr } = await train('messy.csv', '--quiet');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(
      /^\[tables\/planColumns\] The column "Name" of .+ is an identifier: .+ --leave-out: Name\n$/,
    );
  });

  it('`train` prints the kind of each column before it trains', async () => {
    const { code, stderr } = await train('messy.csv', '--leave-out', 'Name');
    expect(code).toBe(0);
    const lines = stderr.split('\n');
    const head = lines.findIndex((line) => line.startsWith('column'));
    expect(lines.findIndex((line) => line.startsWith('step'))).toBeGreaterThan(head);
    expect(stderr).toContain(
      'header Nr, Name, Sorte, Preis, Fläche, Datum, Land, Note; semicolons between cells; decimal comma, as in ',
    );
    const table = lines.slice(head, head + 9);
    // The lines are aligned: the third column ends at the same position in every line. Every line fits into the width
    // of a terminal.
    const end = table[0]!.indexOf('gaps') + 4;
    expect(table.every((line) => /[s\d]/.test(line[end - 1]!) && line[end] === ' ' && line.length <= 80)).toBe(true);
    const cells = table.slice(1).map((line) => line.split(/ {2,}/));
    expect(cells.map(([name, is]) => [name, is])).toEqual([
      ['Nr', 'number'],
      ['Name', 'left out'],
      ['Sorte', 'category'],
      ['Preis', 'number'],
      ['Fläche', 'number'],
      ['Datum', 'date'],
      ['Land', 'left out'],
      ['Note', 'number'],
    ]);
    const gaps = Object.fromEntries(cells.map(([name, , count]) => [name, Number(count)]));
    const expected = Object.fromEntries(
      ['Preis', 'Fläche', 'Datum'].map((name) => [
        name,
        messy()
          .split('\r\n')
          .filter((line) => GAPS.includes(line.split(/;(?! )/)[{ Preis: 3, Fläche: 4, Datum: 5 }[name]!] ?? 'x'))
          .length,
      ]),
    );
    expect(gaps).toMatchObject({ Nr: 0, Sorte: 0, Land: 0, Note: 0, ...expected });
    expect(cells[0]![3]).toContain('looks like a row number: --leave-out');
    expect(cells[2]![3]).toMatch(/^3 categories: .*rot; dunkel/);
    expect(cells[5]![3]).toContain('days since 1970, UTC');
    expect(cells[6]![3]).toBe('constant');
    expect(stderr).toMatch(/^\d+ training rows have gaps: left out of the training\.$/m);
  });

  it('`score` reads the original file with the model that was trained on it', async () => {
    await train('messy.csv', '--leave-out', 'Name,Nr', '--quiet');
    const { code, stderr, stdout } = await within('score', at('run'), at('messy.csv'));
    expect(code).toBe(0);
    expect(stderr).toMatch(/^Rows with gaps: \d+\. Their log-density is the log-density of the known cells/m);
    expect(stdout).toContain('least likely of 430 rows');
  });

  it.each<readonly [string, (row: number, column: string, text: string) => string, string]>([
    ['a text among numbers', (row, column, text) => (row === 6 && column === 'Preis' ? 'teuer' : text), 'line 8'],
    [
      'a day that does not exist',
      (row, column, text) => (row === 6 && column === 'Datum' ? '31.02.2020' : text),
      'line 8',
    ],
    ['a line that is too long', (row, column, text) => (row === 6 && column === 'Note' ? `${text};1` : text), 'Line 8'],
    ['a quote that does not end', (row, column, text) => (row === 6 && column === 'Name' ? '"Objekt' : text), ''],
    ['an infinite number', (row, column, text) => (row === 6 && column === 'Note' ? 'inf' : text), 'line 8'],
  ])('%s: train prints one line and exits with 2', async (_what, cell, said) => {
    writeFileSync(at('wrong.csv'), messy(cell));
    const { code, stdout, stderr } = await train('wrong.csv', '--leave-out', 'Name', '--quiet');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toContain('wrong.csv');
    expect(stderr).toContain(said);
  });

  it('if the order of day and month is ambiguous, `train` prints one line that names `--day-first`, and this flag then works', async () => {
    csv(
      at('days.csv'),
      'day,x',
      Array.from({ length: 40 }, (_, i) => [
        `0${1 + (i % 9)}/0${1 + (i % 7)}/2021`,
        i % 2 === 0 ? `1.${i}` : `-2.${i}`,
      ]),
    );
    const open = await train('days.csv', '--quiet');
    expect([open.code, open.stderr]).toEqual([2, expect.stringContaining('Set --day-first to yes or no.')]);
    expect((await train('days.csv', '--day-first', 'yes', '--batch', '10')).code).toBe(0);
  });
});

it('`train` describes a table of forty columns in forty lines, and cuts no description that goes to a file', async () => {
  const noise = normals(key(2), 40 * 60);
  const names = Array.from({ length: 40 }, (_, j) => `measurement number ${j} of the long series`);
  csv(
    at('wide.csv'),
    names.join(','),
    Array.from({ length: 60 }, (_, i) => names.map((_name, j) => (j === 3 ? `kind ${i % 30}` : noise[40 * i + j]!))),
  );
  const { code, stderr } = await train('wide.csv', '--batch', '20');
  expect(code).toBe(0);
  const lines = stderr.split('\n');
  const head = lines.findIndex((line) => line.startsWith('column'));
  const table = lines.slice(head, head + 41);
  expect(table.every((line) => line.length <= 100)).toBe(true);
  expect(table[4]).toMatch(/\d\d categories: kind \d+, kind \d+, kind \d+, …$/);
  expect(table.slice(1).filter((line) => /^measurement number \d+/.test(line))).toHaveLength(40);
  expect(lines[head + 41]).not.toMatch(/^measurement/);
});

it('`train` leaves out an empty column, and trains on a table of numbers with gaps', async () => {
  const noise = normals(key(3), 200);
  csv(
    at('gaps.csv'),
    'a,b,nothing',
    Array.from({ length: 100 }, (_, i) => [i % 25 === 0 ? '' : noise[2 * i]!, noise[2 * i + 1]!, 'NA']),
  );
  const { code, stderr } = await train('gaps.csv');
  expect([code, stderr]).toEqual([0, expect.stringMatching(/^nothing +left out +100 +no cell has a value$/m)]);
  expect(stderr).toMatch(/^a +number +4 +/m);
});
