import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fold, key, normals, uniforms, type Key } from '@impflow/core';
import { joinedValues, pickValues, type ColumnSpec, type Values } from '@impflow/tables';
import { afterAll, describe, expect, it } from 'vitest';
import { fit } from '../src/index.ts';
import { twoSided } from '../src/measure/normal-tail.ts';
import { classifierFidelity } from '../src/questions/synthetic/fidelity.ts';
import { excessOf, judgeSynthetic } from '../src/questions/synthetic/judge-synthetic.ts';
import { privacyOf } from '../src/questions/synthetic/privacy.ts';

const COLUMNS: readonly ColumnSpec[] = [
  { kind: 'number', name: 'a' },
  { kind: 'number', name: 'b' },
  { kind: 'number', name: 'c' },
  { kind: 'category', name: 'kind', levels: ['x', 'y', 'z'] },
];

/** Draws rows: `a` and `b` have correlation 0.8, `c` is independent, and `kind` depends on `a`. */
const rowsFrom = (own: Key, rows: number, { correlation = 0.8, shift = 0, other = 0 } = {}): Values => {
  const [a, b, c] = [0, 1, 2].map((i) => normals(fold(own, i), rows));
  const u = uniforms(fold(own, 3), rows);
  return {
    rows,
    columns: [
      a!.map((x) => x + shift),
      b!.map((x, i) => correlation * a![i]! + Math.sqrt(1 - correlation ** 2) * x),
      c!.map(Math.exp),
      u.map((x, i) => (x < other ? 2 : a![i]! > 0 ? 1 : 0)),
    ],
    remarks: [],
  };
};

const PARTS = { training: rowsFrom(key(1), 800), heldOut: rowsFrom(key(2), 200) };

describe('judgeSynthetic', () => {
  it('finds nothing in rows from the same distribution, in 12 tables', () => {
    const found = Array.from({ length: 12 }, (_, i) =>
      judgeSynthetic(COLUMNS, { ...PARTS, synthetic: rowsFrom(key(100 + i), 400) }, { seed: i, distinct: false }),
    );
    // Three comparisons at 3 standard errors each: 12 tables have two false alarms with a probability below 0.002.
    expect(found.filter(({ revealsTraining }) => revealsTraining).length).toBeLessThan(2);
    // 84 p-values of columns and pairs: 4.2 are expected to be at most 0.05, more than 12 with a probability below 1e-3.
    const pValues = found.flatMap(({ columns, pairs }) => [...columns, ...pairs].map(({ pValue }) => pValue));
    expect(pValues.filter((p) => p <= 0.05).length).toBeLessThan(13);
    expect(found.filter(({ classifier }) => classifier.pValue <= 0.01).length).toBeLessThan(3);
  });

  it('the labels of training and held-out rows are exchangeable: excesses have deviation 1', () => {
    const excesses = Array.from({ length: 60 }, (_, i) => {
      const [training, heldOut, synthetic] = [200, 80, 120].map((rows, j) => rowsFrom(key(1000 + 3 * i + j), rows));
      const found = privacyOf(COLUMNS, { training: training!, heldOut: heldOut!, synthetic: synthetic! }, key(i));
      return [found.closest, found.membership].map(excessOf);
    });
    for (const j of [0, 1]) {
      const own = excesses.map((each) => each[j]!);
      const mean = own.reduce((sum, x) => sum + x, 0) / own.length;
      const deviation = Math.sqrt(own.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (own.length - 1));
      // Four standard errors of a mean and of a deviation of 60 normal numbers.
      expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(60));
      expect(Math.abs(deviation - 1)).toBeLessThan(4 / Math.sqrt(120));
    }
  });

  it('finds copies of training rows, also with small changes', () => {
    const copied = pickValues(
      PARTS.training,
      Uint32Array.from({ length: 400 }, (_, i) => 2 * i),
    );
    const exact = judgeSynthetic(COLUMNS, { ...PARTS, synthetic: copied }, { seed: 0, distinct: false });
    expect(exact.privacy.copies.value).toBe(1);
    expect(exact.privacy.copies.expected).toBe(0);
    expect(exact.revealsTraining).toBe(true);
    const noise = normals(key(9), 400);
    const changed: Values = {
      ...copied,
      columns: copied.columns.map((column, j) => (j === 0 ? column.map((x, i) => x + 0.001 * noise[i]!) : column)),
    };
    const near = judgeSynthetic(COLUMNS, { ...PARTS, synthetic: changed }, { seed: 0, distinct: false });
    expect(near.privacy.copies.value).toBe(0);
    expect(excessOf(near.privacy.closest)).toBeGreaterThan(5);
    expect(excessOf(near.privacy.membership)).toBeGreaterThan(3);
    expect(near.revealsTraining).toBe(true);
  });

  it('copies do not count if the training dropped copies', () => {
    const rows = pickValues(
      PARTS.training,
      Uint32Array.from({ length: 20 }, (_, i) => i),
    );
    const synthetic = joinedValues([rows, rowsFrom(key(8), 380)]);
    expect(judgeSynthetic(COLUMNS, { ...PARTS, synthetic }, { seed: 0, distinct: false }).revealsTraining).toBe(true);
    expect(judgeSynthetic(COLUMNS, { ...PARTS, synthetic }, { seed: 0, distinct: true }).revealsTraining).toBe(false);
  });

  it('the classifier tells whole numbers apart, among which most neighbors are equal', () => {
    const [real, synthetic] = [0, 1].map((kind): Values => {
      const u = uniforms(key(20 + kind), 1000);
      return { rows: 1000, columns: [u.map((x) => (kind === 1 && x < 0.8 ? 0 : Math.floor(10 * x)))], remarks: [] };
    });
    const found = classifierFidelity([{ kind: 'number', name: 'a' }], real!, synthetic!, key(0));
    // The best classifier is right in 86 % of the rows: 90 % of the real rows are above 0, 82 % of the synthetic are 0.
    expect(found.accuracy).toBeGreaterThan(0.8);
  });

  it('names the column that is shifted, the share that is wrong and the relation that is lost', () => {
    const smallest = <Each extends { readonly pValue: number }>(all: readonly Each[]): Each =>
      all.reduce((least, each) => (each.pValue < least.pValue ? each : least));
    const shifted = judgeSynthetic(
      COLUMNS,
      { ...PARTS, synthetic: rowsFrom(key(5), 400, { shift: 0.5 }) },
      { seed: 0, distinct: false },
    );
    expect(smallest(shifted.columns).column).toBe('a');
    const other = judgeSynthetic(
      COLUMNS,
      { ...PARTS, synthetic: rowsFrom(key(6), 400, { other: 0.1 }) },
      { seed: 0, distinct: false },
    );
    expect(smallest(other.columns)).toMatchObject({ column: 'kind' });
    expect(smallest(other.columns).pValue).toBeLessThan(1e-6);
    const lost = judgeSynthetic(
      COLUMNS,
      { ...PARTS, synthetic: rowsFrom(key(7), 400, { correlation: 0 }) },
      { seed: 0, distinct: false },
    );
    expect(smallest(lost.pairs)).toMatchObject({ columns: ['a', 'b'] });
    expect(Math.min(...lost.columns.map(({ pValue }) => pValue))).toBeGreaterThan(1e-3);
    expect(lost.classifier.pValue).toBeLessThan(1e-3);
  });
});

describe('twoSided', () => {
  // Values of erfc(z / sqrt(2)) of Python's math module.
  it.each([
    [0, 1],
    [0.5, 0.6170750774519738],
    [1.96, 0.04999579029644087],
    [2.999, 0.002708673067454213],
    [3, 0.00269979606326019],
    [6, 1.9731752900754024e-9],
    [-10, 1.5239706048321186e-23],
  ])('of %d is %d', (z, expected) => {
    expect(Math.abs(twoSided(z) / expected - 1)).toBeLessThan(1e-12);
  });
});

describe('Model.judgeSynthetic', () => {
  const folder = mkdtempSync(join(tmpdir(), 'impflow-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('reads the training rows again, and refuses rows in memory and unknown options', async () => {
    const { columns, rows } = rowsFrom(key(3), 300);
    const table = Array.from({ length: rows }, (_, i) => ({
      a: columns[0]![i]!,
      b: columns[1]![i]!,
      c: columns[2]![i]!,
    }));
    const file = join(folder, 'rows.csv');
    writeFileSync(file, ['a,b,c', ...table.map((row) => Object.values(row).join(','))].join('\n'));
    const model = await fit(file, {
      steps: 2,
      hidden: [8],
      blocks: 1,
      workers: 1,
      scaling: 'standard',
      transform: ['none'],
    });
    // The rows of the file are the training rows and the held-out rows.
    const copied = await model.judgeSynthetic(file);
    expect(copied).toMatchObject({
      rows: 300,
      revealsTraining: true,
      privacy: { copies: { value: 0.8, expected: 0 } },
    });
    expect(copied.columns.map(({ distance }) => distance)).toEqual([0, 0, 0]);
    expect((await model.judgeSynthetic(table, { seed: 3 })).privacy.copies.value).toBe(0.8);
    await expect(model.judgeSynthetic(table, { sead: 1 } as object)).rejects.toThrow('sead');
    await expect(model.judgeSynthetic([{ a: 1, b: null, c: 2 }])).rejects.toThrow('No row without gaps');
    model.dispose();
    const inMemory = await fit(table, { steps: 1, hidden: [8], blocks: 1, workers: 1 });
    await expect(inMemory.judgeSynthetic(table)).rejects.toThrow('does not store where its rows are');
    inMemory.dispose();
  });
});
