import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { key, normals } from '@impflow/core';
import { beforeAll, expect, it } from 'vitest';
import { json, temporary, within } from './harness.ts';

const folder = temporary();
const at = (name: string): string => join(folder, name);
const [noise, other] = [normals(key(1), 400), normals(key(2), 400)];
const SHORT = '--steps 5 --hidden 8 --blocks 1 --batch 100 --workers 1'.split(' ');
const LEVELS = 130;

/** Writes an export with thousands signs, a currency, a unit, a percentage, many cities, and a column of notes. */
const money = (value: number): string =>
  `$${value.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
const euros = (value: number): string =>
  `${value.toLocaleString('de-DE', { minimumFractionDigits: 2, maximumFractionDigits: 2 })} €`;
const rows = Array.from({ length: 400 }, (_, i) => ({
  price: money(Math.exp(8 + noise[i]!)),
  cost: euros(3000 + 900 * noise[i]! + 500 * other[i]!),
  share: `${[5, 10, 20][i % 3]!}%`,
  count: `${Math.round(20 + 5 * other[i]!)}`,
  city: `city ${i < 200 ? i % LEVELS : i % 60}`,
  note: ['-q', '=1+1', "'-q", '1.50'][i % 4]!,
}));
const NAMES = Object.keys(rows[0]!) as (keyof (typeof rows)[number])[];
const write = (name: string, of: readonly Partial<Record<(typeof NAMES)[number], string>>[]): string => {
  const cell = (text = ''): string => (text.includes(',') ? `"${text}"` : text);
  writeFileSync(
    at(name),
    `${[NAMES.join(','), ...of.map((row) => NAMES.map((column) => cell(row[column])).join(','))].join('\n')}\n`,
  );
  return at(name);
};
const scores = async (file: string): Promise<{ readonly logDensity: readonly number[]; readonly remarks: string }> => {
  const outcome = await within('score', at('run'), file, '--json');
  return { logDensity: json<{ readonly logDensity: readonly number[] }>(outcome).logDensity, remarks: outcome.stderr };
};
let told: string;

beforeAll(async () => {
  const columns = NAMES.filter((name) => name !== 'note').join(',');
  const { stdout, stderr } = await within(
    'train',
    '--data',
    write('rows.csv', rows),
    '--columns',
    columns,
    ...SHORT,
    '--out',
    at('run'),
  );
  told = stdout + stderr;
}, 60_000);

it('`train` says how it reads numbers with thousands signs, currencies and units, and which categories it does not keep', () => {
  expect(told).toMatch(/price: 400 cells are read as numbers: "\$\d+,\d{3}\.\d\d" is \d+\.\d+\./);
  expect(told).toMatch(/cost: 400 cells are read as numbers: "-?\d\.\d{3},\d\d €" is -?\d+\.?\d*\./);
  expect(told).toContain('share: 400 cells are read as numbers: "10%" is 10.');
  expect(told).toMatch(
    /city: \d+ cells hold rare categories .* The model keeps the 100 most frequent of 1\d\d categories/,
  );
});

it('`score` reads numbers in the format of the training table, and plain numbers', async () => {
  const [first, second] = [rows[0]!, rows[1]!];
  const plain = (text: string): string => text.replace(/[$,]/g, '');
  const ofFile = await scores(write('two.csv', [first, second]));
  const german = (text: string): string => text.replace(/[.€]/g, '').trim().replace(',', '.');
  const ofPlain = await scores(
    write(
      'plain.csv',
      [first, second].map((row) => ({
        ...row,
        price: plain(row.price),
        cost: german(row.cost),
        share: plain(row.share).replace('%', ''),
      })),
    ),
  );
  expect(ofPlain.logDensity).toEqual(ofFile.logDensity);
  const odd = await scores(
    write('odd.csv', [
      { ...first, count: '2.5' },
      { ...second, city: 'nowhere' },
    ]),
  );
  expect(odd.remarks).toContain('count: 1 cell is not whole (2.5), although all numbers of the training rows are.');
  expect(odd.remarks).toContain('city: 1 cell holds a category that training did not see ("nowhere").');
  const wrong = await within('score', at('run'), write('wrong.csv', [{ ...first, price: '€5' }]));
  expect(wrong.stderr).toContain('Text in the column "price"');
});

it('`sample` writes plain numbers, which `score` reads as the same numbers', async () => {
  json(await within('sample', at('run'), '-n', '50', '--out', at('drawn.csv'), '--json', '--quiet'));
  const lines = readFileSync(at('drawn.csv'), 'utf8').trimEnd().split('\n').slice(1);
  for (const line of lines) expect(line).toMatch(/^[\d.e-]+,[\d.e-]+,\d+,-?\d+,city \d+$/);
  expect(lines).toHaveLength(50);
  expect((await scores(at('drawn.csv'))).logDensity).toHaveLength(50);
});

it('`impute` fills gaps with plain numbers, and keeps the texts of columns that the model does not know', async () => {
  const gapped = rows.slice(0, 20).map((row, i) => (i % 5 === 0 ? { ...row, price: '' } : row));
  json(await within('impute', at('run'), write('gaps.csv', gapped), '--draws', '1', '--out', at('full.csv'), '--json'));
  const lines = readFileSync(at('full.csv'), 'utf8').trimEnd().split('\n').slice(1);
  expect(lines.map((line) => line.split(',').at(-1))).toEqual(gapped.map(({ note }) => note));
  const prices = lines.map((line) => Number(line.split(',')[0]));
  expect(prices.every((price) => price > 0)).toBe(true);
  expect(prices.filter((_, i) => i % 5 > 0)).toEqual(
    gapped.filter((_, i) => i % 5 > 0).map(({ price }) => Number(price.replace(/[$,]/g, ''))),
  );
  expect((await scores(at('full.csv'))).logDensity).toHaveLength(20);
});
