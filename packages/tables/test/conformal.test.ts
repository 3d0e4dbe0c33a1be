import { key, normals, uniforms } from '@impflow/core';
import { conformalPValues, percentile } from '@impflow/tables';
import { expect, it } from 'vitest';

/** Returns `count` quantiles in equal steps, as a run stores them. Each quantile is the value of the nearest row. */
const summary = (sorted: Float64Array, count: number): readonly number[] =>
  Array.from({ length: count }, (_, i) => sorted[Math.round((i / (count - 1)) * (sorted.length - 1))]!);

it('among the held-out rows and the row itself, the p-value is the fraction of rows that are at most as likely as the row', () => {
  const held = [-5, -3, -3, -1];
  expect([...conformalPValues([-6, -5, -4, -3, -1, 0, NaN, -Infinity], held)]).toEqual(
    [1, 2, 2, 4, 5, 5, NaN, 1].map((count) => count / 5),
  );
  expect([...conformalPValues([1], [])]).toEqual([1]);
  expect([...conformalPValues([0, 2], [1])]).toEqual([1 / 2, 1]);
});

it('if rows are exchangeable, p <= alpha occurs with the frequency alpha', () => {
  for (const alpha of [0.05, 0.2]) {
    // An alarm is a p-value of at most alpha. Each trial has new held-out rows, so alarms are independent. With 199
    // held-out rows, the rate of alarms is exactly alpha.
    let alarms = 0;
    const trials = 4000;
    for (let i = 0; i < trials; i++) {
      const u = uniforms(key(100 + i), 200);
      alarms += Number(conformalPValues([u[199]!], [...u.subarray(0, 199).sort()])[0]! <= alpha);
    }
    expect(Math.abs(alarms / trials - alpha)).toBeLessThan(5 * Math.sqrt((alpha * (1 - alpha)) / trials));
  }
});

it('a p-value that is computed from quantiles is never below the p-value from all held-out rows', () => {
  for (const rows of [2, 7, 33, 399, 3000, 10_007])
    for (const count of [2, 5, 101, 1001]) {
      const sorted = normals(key(rows), rows).sort();
      const probes = Float64Array.from([...normals(key(rows + 1), 300), ...sorted.subarray(0, 50), sorted.at(-1)!]);
      const [exact, by] = [
        conformalPValues(probes, [...sorted]),
        conformalPValues(probes, summary(sorted, count), rows),
      ];
      exact.forEach((p, i) => {
        expect(by[i]!).toBeGreaterThanOrEqual(p);
        expect(by[i]! - p).toBeLessThanOrEqual((rows / (count - 1) + 2) / (rows + 1));
      });
    }
});

it('a p-value from 1001 quantiles is exact for up to 1001 held-out rows, and at most one step too large for more rows', () => {
  for (const rows of [10, 503, 1000, 1001, 1500, 5000]) {
    // Several rows have equal log-densities.
    const sorted = normals(key(rows), rows)
      .map((value) => Math.round(500 * value) / 500)
      .sort();
    const quantiles = summary(sorted, 1001);
    const probes = [...sorted, ...normals(key(rows + 1), 300), -Infinity, Infinity];
    conformalPValues(probes, quantiles, rows).forEach((p, i) => {
      // With the exact p-value, the rate of false alarms is at most alpha. A larger p-value can only lower the rate of
      // false alarms.
      const tooMany = Math.round(p * (rows + 1)) - 1 - sorted.filter((value) => value <= probes[i]!).length;
      expect(tooMany).toBeGreaterThanOrEqual(0);
      expect(tooMany).toBeLessThan(Math.max(1, (rows - 1) / 1000));
    });
  }
});

it('if each held-out log-density is a quantile, a percentile is the percentage of held-out rows that are less likely, rounded to what the rows can tell', () => {
  for (const rows of [1, 2, 7, 10, 400, 1001]) {
    const sorted = normals(key(rows), rows).sort();
    const quantiles = summary(sorted, 1001);
    for (const probe of [...normals(key(rows + 1), 100), ...sorted, -Infinity, Infinity]) {
      const below = sorted.reduce((count, value) => count + (value < probe ? 1 : 0), 0);
      const rounded = rows > 100 ? Math.round((1000 * below) / rows) / 10 : Math.round((100 * below) / rows);
      expect(percentile(probe, quantiles, rows)).toBe(rounded);
      expect(percentile(probe, [...sorted])).toBe(rounded);
    }
  }
  // 62 rows cannot tell more than whole numbers.
  const few = Array.from({ length: 62 }, (_, i) => i);
  expect(percentile(58.5, summary(Float64Array.from(few), 1001), 62)).toBe(95);
  const all = [-1, ...few].map((row) => percentile(row + 0.5, few));
  expect([new Set(all).size, all[0], all.filter((each) => each === 100).length]).toEqual([63, 0, 1]);
  expect([percentile(NaN, [1, 2], 2), percentile(1, [])]).toEqual([0, NaN]);
});

it('a percentile is too low by at most one step and its rounding if there are more held-out rows than quantiles', () => {
  const sorted = normals(key(3), 10_007).sort();
  const quantiles = summary(sorted, 1001);
  for (const probe of normals(key(4), 300)) {
    const exact = (100 * sorted.reduce((count, value) => count + (value < probe ? 1 : 0), 0)) / sorted.length;
    const found = percentile(probe, quantiles, sorted.length);
    expect(found).toBeLessThanOrEqual(exact + 0.05);
    expect(found).toBeGreaterThan(exact - 0.16);
    expect(String(found)).toMatch(/^\d+(\.\d)?$/);
  }
});
