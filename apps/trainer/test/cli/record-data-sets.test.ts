import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, describe } from 'vitest';
import { json, temporary, within } from './harness.ts';

const folder = temporary();
const at = (name: string): string => join(folder, name);
const TINY = ['--hidden', '8', '--blocks', '1', '--batch', '50', '--base', 'normal', '--workers', '1', '--lr', '0.02'];
const train = (out: string, ...more: readonly string[]): readonly string[] => [
  'train',
  ...TINY,
  '--out',
  at(out),
  ...more,
];

describe('data sets with text columns', () => {
  it.each(['penguins-full', 'cars-full', 'flights'])('`data describe` describes the columns of %s', async (name) => {
    const { columns, rows: count } = json<{ rows: number; columns: readonly Readonly<Record<string, unknown>>[] }>(
      await within('data', 'describe', name, '--json'),
    );
    expect([count, columns.find(({ kind }) => kind !== 'numbers')]).toMatchObject(
      {
        'penguins-full': [344, { name: 'species', kind: 'texts', gaps: 0, distinct: 3 }],
        'cars-full': [406, { name: 'year', kind: 'dates', gaps: 0, min: '1970-01-01', max: '1982-01-01' }],
        flights: [2000, { name: 'time', kind: 'dates', gaps: 0, min: '2001-01-01T06:55:00Z' }],
      }[name]!,
    );
  });

  it('a plugin may provide rows with text columns, and these columns may be conditions', async () => {
    writeFileSync(
      at('plugin.mjs'),
      `const numbers = Float64Array.from({ length: 100 }, (_, i) => Math.sin(i * i));
       const texts = Array.from(numbers, (x, i) => (i % 7 === 0 ? undefined : x > 0 ? 'up' : 'down'));
       export const impflow = { data: { swings: () => ({
         description: 'Swings.', source: 'this file', license: 'Apache-2.0', columns: ['way', 'x'],
         load: async () => ({ rows: 100, source: 'swings', place: (row) => 'row ' + (row + 1), columns: [
           { name: 'way', numbers: new Float64Array(100).fill(NaN), texts, written: texts },
           { name: 'x', numbers: numbers.slice() },
         ] }),
       }) } };`,
    );
    const args = ['--plugin', at('plugin.mjs')];
    const { stderr, code } = await within(
      ...train('swings', '--data', 'swings', '--given', 'way', '--steps', '10', '--batch', '20'),
      ...args,
    );
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^way +condition, category +15 +2 categories: /m)]);
    expect((await within('evaluate', at('swings'), ...args)).code).toBe(0);
    expect((await within('data', 'describe', 'swings', ...args)).stdout).toMatch(/^way +texts +15 +2 +/m);
  });
});
