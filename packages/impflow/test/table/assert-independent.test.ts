import { key, normals } from '@impflow/core';
import { frameOf } from '@impflow/tables';
import { runKey } from '@impflow/training';
import { describe, expect, it } from 'vitest';
import { assertIndependent } from '../../src/table/assert-independent.ts';
import { splitTable, type SplitTableOptions } from '../../src/table/split.ts';

type Row = Readonly<Record<string, number>>;
const count = 1500;
const [a, b, c] = [1, 2, 3].map((seed) => normals(key(seed), count)) as [Float64Array, Float64Array, Float64Array];
const rounded = (x: number, digits: number): number => Math.round(x * 10 ** digits) / 10 ** digits;

const told = async (
  row: (a: number, b: number, c: number) => Row,
  { rows = count, ...options }: Partial<SplitTableOptions> & { readonly rows?: number } = {},
): Promise<string> => {
  const objects = Array.from({ length: rows }, (_, i) => row(a[i]!, b[i]!, c[i]!));
  const parts = await splitTable({ frame: frameOf(objects, 'made') }, { key: runKey(0, 'data'), ...options });
  return assertIndependent(parts, parts.complete).join(' ');
};

describe('`assertIndependent`', () => {
  it.each<readonly [string, (a: number, b: number, c: number) => Row, string]>([
    ['a multiple', (x, y) => ({ x, y, z: 2 * y }), 'The column "z" of made is a linear combination of "y"'],
    [
      'a sum',
      (x, y, z) => ({ t: x + y + z, x, y, z }),
      'The column "z" of made is a linear combination of "t", "x" and "y"',
    ],
  ])('refuses %s of columns without noise, because no density exists', async (_, row, words) => {
    await expect(told(row)).rejects.toThrow(`${words}: expected`);
  });

  it('refuses a target that is a multiple of a condition', async () => {
    const row = (x: number, y: number): Row => ({ x, y, y2: 2 * y });
    await expect(told(row, { given: ['y'] })).rejects.toThrow('"y2" of made is a linear combination of "y"');
    expect(await told(row, { leaveOut: ['y2'] })).toBe('');
  });

  it.each<readonly [string, (a: number, b: number, c: number) => Row, RegExp]>([
    [
      'a rounded multiple',
      (x, y) => ({ x, y: rounded(y, 1), z: 2 * rounded(y, 1) }),
      /"z" is a linear .* "y", exactly/,
    ],
    ['a nearly exact multiple', (x, y, z) => ({ x, y, z: 2 * y + 1e-4 * z }), /"z" is a linear .* "y", up to 5e-5 of/],
    [
      'Celsius and Fahrenheit',
      (x, y) => ({ x, c: rounded(20 + 10 * y, 1), f: rounded(32 + 1.8 * (20 + 10 * y), 1) }),
      /"f" is a linear combination of "c", up to the rounding of the cells/,
    ],
    [
      'a ratio',
      (x, y) => ({ h: 1.7 + 0.1 * x, w: 70 + 10 * y, bmi: rounded((70 + 10 * y) / (1.7 + 0.1 * x) ** 2, 2) }),
      /"bmi" is a product of powers of "h" and "w", up to/,
    ],
    ['a square', (x, y) => ({ x, square: y * y, y }), /"square" is a function of "y", .* option leaveOut: square\./],
    ['a logarithm', (x, y) => ({ x, y: Math.exp(y), z: y }), /"z" is a function of "y", /],
    ['a wave', (x, y) => ({ x, y, wave: Math.sin(3 * y) }), /"wave" is a function of "y", /],
  ])('names %s', async (_, row, words) => {
    expect(await told(row)).toMatch(words);
    expect(await told(row, { rows: 100 })).toMatch(/"(z|f|bmi|square|wave)" is a /);
  });

  it.each<readonly [string, (a: number, b: number, c: number) => Row]>([
    ['correlated measurements', (x, y, z) => ({ x, y, z: y + 3e-3 * z })],
    ['counts', (x, y) => ({ n: Math.round(2 * x), m: Math.round(2 * y), t: Math.round(2 * x + y) })],
    // One column is nonzero in few rows, which as many other columns could explain by chance.
    ['rare events', (x, y, z) => ({ x: Number(x > 2.2), y: Number(y > 2.3), z, t: Number(z > 2.4) })],
    [
      'rounded measurements',
      (x, y, z) => ({ x: rounded(x, 1), y: rounded(x + 0.1 * y, 1), z: rounded(x + 0.2 * z, 1) }),
    ],
  ])('names none of %s', async (_, row) => {
    expect(await told(row)).toBe('');
  });

  it('a relation does not rest on marks of missing cells, and is found between the other rows', async () => {
    // The marks make the standard deviation large, so that the pressure looks like a smooth function of time.
    const mark = (i: number, x: number): number => (i % 40 === 0 ? 9999 : x);
    const rows = (value: (i: number) => number): readonly Row[] =>
      Array.from({ length: count }, (_, i) => ({ t: 600 * i + Math.abs(b[i]!), pressure: mark(i, value(i)) }));
    const relations = async (objects: readonly Row[]): Promise<string> => {
      const parts = await splitTable({ frame: frameOf(objects, 'made') }, { key: runKey(0, 'data') });
      return assertIndependent(parts, parts.complete).join(' ');
    };
    const drift = (i: number): number => 1000 + 3 * Math.sin(i / 300);
    expect(await relations(rows((i) => rounded(drift(i) + 0.4 * a[i]!, 1)))).toBe('');
    expect(await relations(rows((i) => 2 * (600 * i + Math.abs(b[i]!)) + 5))).toMatch(
      /"pressure" is a (function|linear combination) of "t", exactly/,
    );
  });

  it('a relation with row numbers is not named', async () => {
    const days = Array.from({ length: count }, (_, i) => new Date(Date.UTC(2020, 0, 1, i)).toISOString());
    const objects = days.map((time, i) => ({ nr: 5000 + i, time, x: a[i]! }));
    const parts = await splitTable({ frame: frameOf(objects, 'made') }, { key: runKey(0, 'data') });
    expect(parts.columns[0]!.rising).toBe(true);
    await expect(async () => assertIndependent(parts, parts.complete)).rejects.toThrow('linear combination');
    const rough = days.map((_, i) => ({ nr: 5000 + i, time: days[i - (i % 3)]!, x: a[i]! }));
    const coarse = await splitTable({ frame: frameOf(rough, 'made') }, { key: runKey(0, 'data') });
    expect(assertIndependent(coarse, coarse.complete)).toEqual([]);
  });
});
