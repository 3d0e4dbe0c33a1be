import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { key, normals } from '@impflow/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { csv, json, temporary, within } from './harness.ts';

interface Scores {
  readonly logDensity: readonly number[];
  readonly percentile: readonly number[];
  readonly standardError?: readonly number[];
}

const COLUMNS = 70;
const folder = temporary();
const at = (name: string): string => join(folder, name);
const names = Array.from({ length: COLUMNS }, (_, j) => `c${j}`).join(',');
const noise = normals(key(3), 200 * COLUMNS);
const rows = Array.from({ length: 200 }, (_, i) => [...noise.subarray(i * COLUMNS, (i + 1) * COLUMNS)]);
const scored = async (...args: readonly string[]): Promise<Scores> =>
  json<Scores>(await within('score', at('run'), ...args, '--json', '--quiet'));

beforeAll(async () => {
  csv(at('rows.csv'), names, rows);
  await within(
    'train',
    '--data',
    at('rows.csv'),
    '--steps',
    '3',
    '--blocks',
    '1',
    '--net',
    'spectral',
    '--hidden',
    '24',
    '--batch',
    '50',
    '--workers',
    '1',
    '--quiet',
    '--out',
    at('run'),
  );
});

describe('the score of a row of more than 64 columns', () => {
  it.each([
    ['exact', []],
    ['an estimate', ['--logdet', 'roulette']],
  ] as const)(
    'the score of a row does not depend on its index in the file or on other rows: %s',
    async (_, options) => {
      const places = [0, 3, 4, 9, 20, 29];
      const among = Array.from({ length: 30 }, (__, i) => (places.includes(i) ? rows[7]! : rows[100 + i]!));
      const { logDensity, percentile } = await scored(csv(at('among.csv'), names, among), ...options);
      const alone = await scored(csv(at('alone.csv'), names, [rows[7]!]), ...options);
      expect(new Set([...places.map((place) => logDensity[place]!), alone.logDensity[0]!]).size).toBe(1);
      expect(new Set([...places.map((place) => percentile[place]!), alone.percentile[0]!]).size).toBe(1);
      expect(new Set(logDensity).size).toBe(25);
    },
  );

  it('the errors of estimated scores are as large as their standard errors state', async () => {
    const exact = await scored(at('rows.csv'));
    expect(exact.standardError).toBeUndefined();
    const { logDensity, standardError } = await scored(at('rows.csv'), '--logdet', 'roulette');
    // The error divided by the standard error follows Student's distribution with 7 degrees of freedom. The square of
    // this ratio has mean 7 / 5 and variance 7.84. The tolerance is five standard errors, and the keys are fixed.
    const squares = logDensity.map((density, i) => ((density - exact.logDensity[i]!) / standardError![i]!) ** 2);
    const mean = squares.reduce((sum, square) => sum + square, 0) / squares.length;
    expect(Math.abs(mean - 7 / 5)).toBeLessThan(5 * Math.sqrt(7.84 / squares.length));
    // The standard errors are larger than rounding errors, so the values are estimates.
    expect(Math.min(...standardError!)).toBeGreaterThan(1e-3);
  });

  it('`score` writes the standard error of an estimate, and `evaluate` reports the standard error of the mean', async () => {
    expect(
      (await within('score', at('run'), at('rows.csv'), '--logdet', 'roulette', '--out', at('scores.csv'))).stderr,
    ).toContain('"se" is the standard error');
    expect(readFileSync(at('scores.csv'), 'utf8').split('\n')[0]).toBe('log_density,percentile,converged,se,p_value');
    const { heldOut, estimateError } = json<{
      readonly heldOut: { readonly nats: number };
      readonly estimateError: number;
    }>(await within('evaluate', at('run'), '--data', at('rows.csv'), '--logdet', 'roulette', '--json', '--quiet'));
    const exact = json<{ readonly heldOut: { readonly nats: number }; readonly estimateError?: number }>(
      await within('evaluate', at('run'), '--data', at('rows.csv'), '--json', '--quiet'),
    );
    expect(exact.estimateError).toBeUndefined();
    // The ratio follows Student's distribution with 7 degrees of freedom, which exceeds 7 in one of 5,000 cases.
    expect(Math.abs(heldOut.nats - exact.heldOut.nats)).toBeLessThan(7 * estimateError);
  });
});
