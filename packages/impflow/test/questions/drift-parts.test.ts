import { fold, key, normals, uniforms } from '@impflow/core';
import { normalQuantile, normalShare } from '@impflow/tables';
import { describe, expect, it } from 'vitest';
import type { Feature } from '../../src/questions/drift/features.ts';
import { rankPValue } from '../../src/questions/drift/ratio.ts';
import { relationsOf } from '../../src/questions/drift/relations.ts';
import { shiftsOf } from '../../src/questions/drift/shifts.ts';
import { betFactors, logCapital, pValuesInOrder, watch } from '../../src/questions/drift/stream.ts';
import type { View } from '../../src/questions/drift/views.ts';

const feature = (values: Float64Array): Feature => ({ kind: 'value', columns: [0], values });

/** Upper bound of the share of `count` events of probability `alpha`: exceeded once in 700 times. */
const most = (alpha: number, count: number): number => alpha + 3 * Math.sqrt((alpha * (1 - alpha)) / count);

describe('the normal distribution', () => {
  it('has the quantiles of tables, and quantiles are the inverse of probabilities', () => {
    expect(normalShare(1.959963984540054)).toBeCloseTo(0.975, 12);
    expect(normalShare(-3.090232306167813)).toBeCloseTo(0.001, 12);
    for (const share of [1e-8, 0.02, 0.5, 0.7, 0.999])
      expect(normalShare(normalQuantile(share))).toBeCloseTo(share, 10);
  });
});

describe('the test of shifts', () => {
  it('has the p-value of all possible splits of a small table', () => {
    const values = Float64Array.from([0.3, -1.2, 0.8, 0.1, 1.9, 2.2, 0.9, 1.4]);
    const mean = values.reduce((sum, value) => sum + value, 0) / 8;
    const sizeOf = (rows: readonly number[]): number => Math.abs(rows.reduce((sum, i) => sum + values[i]! - mean, 0));
    const splits = Array.from({ length: 256 }, (_, bits) => [...values.keys()].filter((i) => (bits >> i) & 1)).filter(
      ({ length }) => length === 4,
    );
    const observed = sizeOf([4, 5, 6, 7]);
    const exact = splits.filter((rows) => sizeOf(rows) >= observed - 1e-9).length / splits.length;
    const { pValue, differences } = shiftsOf([feature(values)], 4, key(0));
    // The standard deviation of the p-value of 999 permutations is 0.009 or less.
    expect(Math.abs(pValue - exact)).toBeLessThan(0.02);
    expect(differences[0]).toBeGreaterThan(0);
  });

  it('keeps its level with skewed features, gaps and rare categories', () => {
    const [rows, runs] = [60, 300];
    let [five, one] = [0, 0];
    for (let run = 0; run < runs; run++) {
      const z = normals(key(run), 3 * rows);
      const u = uniforms(key(run), rows);
      const { pValue } = shiftsOf(
        [
          feature(z.slice(0, rows)),
          feature(z.slice(rows, 2 * rows).map((value) => Math.exp(2 * value))),
          feature(z.slice(2 * rows).map((value, i) => (u[i]! < 0.2 ? NaN : value))),
          feature(u.map((value) => Number(value > 0.9))),
        ],
        20,
        fold(key(run), 1),
      );
      five += Number(pValue <= 0.05) / runs;
      one += Number(pValue <= 0.01) / runs;
    }
    console.log(`false alarms: ${five.toFixed(3)} at 0.05, ${one.toFixed(3)} at 0.01`);
    expect(five).toBeLessThan(most(0.05, runs));
    expect(five).toBeGreaterThan(0.05 - 3 * Math.sqrt((0.05 * 0.95) / runs));
    expect(one).toBeLessThan(most(0.01, runs));
  });
});

describe('the rank test of the likelihood ratio', () => {
  it('has nearly the p-value of all possible splits, with ties', () => {
    const [low, high] = [
      [1, 2, 2, 3, 5],
      [2, 4, 5, 6, 7, 7],
    ];
    const all = [...low, ...high];
    const sumOf = (rows: readonly number[]): number =>
      rows.reduce(
        (sum, i) =>
          sum + all.reduce((rank, value) => rank + Number(value < all[i]!) + 0.5 * Number(value === all[i]!), 0),
        0,
      );
    const splits = Array.from({ length: 1 << 11 }, (_, bits) => [...all.keys()].filter((i) => (bits >> i) & 1)).filter(
      ({ length }) => length === 6,
    );
    const observed = sumOf([5, 6, 7, 8, 9, 10]);
    const exact = splits.filter((rows) => sumOf(rows) >= observed).length / splits.length;
    expect(Math.abs(rankPValue(low, high) - exact)).toBeLessThan(0.005);
    expect(rankPValue([1, 1], [1, 1, 1])).toBe(1);
  });
});

describe('the watch of a stream', () => {
  it('ranks each row among the rows before it', () => {
    const values = Float64Array.from([3, 1, 2, 2, NaN, 0.5, 9, 2]);
    const u = uniforms(key(4), values.length);
    const wanted = [3, 4, 5, 6, 7].map((row) => {
      if (Number.isNaN(values[row])) return NaN;
      const known = values.slice(0, row + 1).filter((value) => !Number.isNaN(value));
      const [less, equal] = [
        known.filter((value) => value < values[row]!).length,
        known.filter((value) => value === values[row]!).length,
      ];
      return (less + u[row]! * equal) / known.length;
    });
    expect([...pValuesInOrder(values, 3, key(4))]).toEqual(wanted);
  });

  it('bets fairly: each factor has the mean 1 over the p-values', () => {
    const bets = betFactors();
    for (const factors of bets)
      expect(factors.reduce((sum, value) => sum + value, 0) / factors.length).toBeCloseTo(1, 12);
    const bins = bets[0]!.length;
    const ends = Array.from({ length: bins }, (_, i) => Math.exp(logCapital([(i + 0.5) / bins], bets)[0]!));
    expect(ends.reduce((sum, value) => sum + value, 0) / bins).toBeCloseTo(1, 12);
  });

  it('raises few false alarms at any row, and finds the row of a change', () => {
    const [reference, rows, runs] = [50, 300, 200];
    let [five, found] = [0, 0];
    for (let run = 0; run < runs; run++) {
      const [a, b] = [0, 1].map((j) => normals(fold(key(run), j), reference + rows)) as [Float64Array, Float64Array];
      const options = { alpha: 0.2, key: fold(key(run), 2) };
      five += Number(watch([feature(a), feature(b)], reference, options).alarm !== undefined) / runs;
      const late = a.map((value, row) => (row < reference + 150 ? value : value + 1.5));
      const { alarm, since } = watch([feature(late), feature(b)], reference, options);
      found += Number(alarm !== undefined && alarm < 220 && Math.abs(since! - 150) <= 15) / runs;
    }
    console.log(`false alarms: ${five.toFixed(3)} at 0.2; changes found: ${found.toFixed(3)}`);
    expect(five).toBeLessThan(most(0.2, runs));
    expect(found).toBeGreaterThan(0.8);
  });
});

describe('relations of columns', () => {
  const rows = 2000;
  const [a, noise, u, v] = [
    normals(key(1), rows),
    normals(key(2), rows),
    uniforms(key(3), rows),
    uniforms(key(4), rows),
  ];
  const isNew = (row: number): boolean => row >= rows / 2;
  const view = (column: number, kind: View['kind'], values: Float64Array): View => ({ column, kind, values });
  const related = a.map((value, row) => (isNew(row) ? 0.2 : 0.6) * value + noise[row]!);
  const group = u.map((value) => Number(value < 0.3));

  it('finds a changed correlation, and no change where only the distribution of a column changed', () => {
    const other = normals(key(5), rows);
    const [first, ...others] = relationsOf(
      [view(0, 'number', a), view(1, 'number', related), view(2, 'number', other)],
      rows / 2,
    );
    expect(first).toMatchObject({ columns: [0, 1], measure: 'correlation' });
    expect(first!.reference).toBeCloseTo(0.6 / Math.hypot(1, 0.6), 1);
    expect(first!.pValue).toBeLessThan(1e-6);
    expect(others).toHaveLength(2);
    const alone = relationsOf(
      [
        view(0, 'number', a),
        view(
          1,
          'number',
          noise.map((value, row) => (isNew(row) ? Math.exp(value) + 5 : value)),
        ),
      ],
      rows / 2,
    );
    expect(alone[0]!.pValue).toBeGreaterThan(0.01);
  });

  it('compares categories with numbers and with categories', () => {
    const split = group.map((value, row) => (isNew(row) ? value : 0) + noise[row]!);
    const same = group.map((value, row) => (v[row]! < (isNew(row) ? 0.9 : 0.5) ? value : 1 - value));
    const found = relationsOf([view(0, 'category', group), view(1, 'number', split), view(2, 'category', same)], 1000);
    const of = (columns: string) => found.find((relation) => relation.columns.join() === columns)!;
    expect(of('0,1')).toMatchObject({ measure: 'difference of means' });
    expect(of('0,1').now - of('0,1').reference).toBeCloseTo(1, 0);
    expect(of('0,1').pValue).toBeLessThan(1e-6);
    expect(of('0,2')).toMatchObject({ measure: 'log odds ratio' });
    expect(of('0,2').now).toBeCloseTo(2 * Math.log(9), 0);
    expect(of('0,2').pValue).toBeLessThan(1e-6);
  });

  it('keeps its level', () => {
    const runs = 300;
    let share = 0;
    for (let run = 0; run < runs; run++) {
      const z = normals(key(1000 + run), 900);
      const [x, y] = [z.slice(0, 300), z.slice(0, 300).map((value, i) => 0.7 * value + z[300 + i]!)];
      const [found] = relationsOf([view(0, 'number', x), view(1, 'number', y)], 150);
      share += Number(found!.pValue <= 0.05) / runs;
    }
    console.log(`false alarms: ${share.toFixed(3)} at 0.05`);
    expect(share).toBeLessThan(most(0.05, runs) + 0.02);
  });
});
