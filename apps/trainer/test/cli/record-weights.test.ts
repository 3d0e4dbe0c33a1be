import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fold, key, normals, uniforms } from '@impflow/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { csv, json, temporary, within } from './harness.ts';

const folder = temporary();
const at = (name: string): string => join(folder, name);
const TINY = ['--hidden', '8', '--blocks', '1', '--batch', '100', '--base', 'normal', '--workers', '1', '--lr', '0.02'];

interface HeldOut {
  readonly nats: number;
  readonly standardError: number;
  readonly rows: number;
}

/** The table has pairs of whole numbers. A row has weight 4 if its first number is positive, else 1. */
const rows = (seed: number, count: number): readonly (readonly number[])[] => {
  const noise = normals(fold(key(seed), 0), 2 * count);
  return Array.from({ length: count }, (_, i) => {
    const x = Math.round(10 * noise[2 * i]!);
    return [x, Math.round(0.5 * x + 10 * noise[2 * i + 1]!), x > 0 ? 4 : 1];
  });
};
/** A table without weights, in which the number of copies of a row is the weight of the row. */
const repeated = (of: readonly (readonly number[])[]): readonly (readonly number[])[] =>
  of.flatMap((row) => Array.from({ length: row[2]! }, () => row));
const scores = async (run: string): Promise<readonly number[]> =>
  json<{ logDensity: number[] }>(await within('score', at(run), at('held.csv'), '--json')).logDensity;
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

beforeAll(async () => {
  const [train, held] = [rows(1, 600), repeated(rows(2, 300))];
  csv(at('weighted.csv'), 'x,y,w', train);
  csv(
    at('repeated.csv'),
    'x,y,w',
    repeated(train).map(([x, y]) => [x!, y!, 1]),
  );
  csv(
    at('held.csv'),
    'x,y,w',
    held.map(([x, y]) => [x!, y!, 1]),
  );
  for (const [out, data, more] of [
    ['weighted', 'weighted.csv', ['--weights', 'w']],
    ['repeated', 'repeated.csv', ['--leave-out', 'w']],
    ['ignored', 'weighted.csv', ['--leave-out', 'w']],
  ] as const)
    json(
      await within(
        'train',
        '--data',
        at(data),
        '--validation',
        at('held.csv'),
        '--test',
        at('held.csv'),
        ...TINY,
        ...more,
        '--steps',
        '150',
        '--out',
        at(out),
        '--quiet',
        '--json',
      ),
    );
}, 90_000);

describe('`--weights`', () => {
  it('`train --weights` learns the same distribution as training on repeated rows', async () => {
    const [weighted, again, ignored] = [await scores('weighted'), await scores('repeated'), await scores('ignored')];
    // The run `ignored` was trained without the weights. A run without the weights underestimates the number of rows
    // with x > 0, so its log-densities are lower by about a tenth of a nat.
    expect(mean(weighted) - mean(ignored)).toBeGreaterThan(0.05);
    // The run with weights and the run on repeated rows use different batches. The remaining difference is far below
    // the gain from the weights.
    expect(Math.abs(mean(weighted) - mean(again))).toBeLessThan(0.02);
  });

  it('`evaluate` with weights returns the weighted mean and its standard error', async () => {
    const fractions = uniforms(key(3), 100);
    csv(
      at('few.csv'),
      'x,y,w',
      rows(4, 100).map(([x, y], i) => [x!, y!, Math.round(100 * fractions[i]!) / 10]),
    );
    const { heldOut } = json<{ heldOut: HeldOut }>(
      await within('evaluate', at('weighted'), '--data', at('few.csv'), '--json'),
    );
    const without = json<{ heldOut: HeldOut }>(
      await within('evaluate', at('ignored'), '--data', at('few.csv'), '--json'),
    );
    // A row of weight 0 is left out.
    const counted = fractions.filter((fraction) => Math.round(100 * fraction) > 0).length;
    expect([heldOut.rows, without.heldOut.rows]).toEqual([counted, 100]);
    // The expected mean is the weighted mean of the scores of single rows. The numbers do not repeat, so `evaluate`
    // adds no noise.
    csv(
      at('smooth.csv'),
      'x,y,w',
      rows(5, 400).map(([x, y, w], i) => [x! + fractions[i % 100]! * 0.999, y! + 0.5 * Math.sin(i * i), w!]),
    );
    json(
      await within(
        'train',
        '--data',
        at('smooth.csv'),
        ...TINY,
        '--weights',
        'w',
        '--steps',
        '20',
        '--out',
        at('smooth'),
        '--quiet',
        '--json',
      ),
    );
    const table = readFileSync(at('smooth.csv'), 'utf8').trimEnd().split('\n').slice(1, 101);
    csv(
      at('some.csv'),
      'x,y,w',
      table.map((line) => line.split(',')),
    );
    const figures = json<{ heldOut: HeldOut }>(
      await within('evaluate', at('smooth'), '--data', at('some.csv'), '--json'),
    ).heldOut;
    const logDensity = json<{ logDensity: readonly number[] }>(
      await within('score', at('smooth'), at('some.csv'), '--json'),
    ).logDensity;
    const w = table.map((line) => Number(line.split(',')[2]));
    const total = w.reduce((sum, weight) => sum + weight, 0);
    const nats = -logDensity.reduce((sum, value, i) => sum + w[i]! * value, 0) / total;
    expect(figures.nats).toBeCloseTo(nats, 5);
    // The jackknife needs no formula for the standard error of a ratio, and agrees with the formula to first order.
    const left = logDensity.map((value, i) => (-nats * total - w[i]! * value) / (total - w[i]!));
    const center = mean(left);
    const jackknife = Math.sqrt((99 / 100) * left.reduce((sum, value) => sum + (value - center) ** 2, 0));
    expect(figures.standardError / jackknife).toBeCloseTo(1, 1);
  });

  it('`evaluate` gives equal weights to the rows of a file without weights, and `train` refuses a test file without weights', async () => {
    csv(
      at('bare.csv'),
      'x,y',
      rows(6, 50).map(([x, y]) => [x!, y!]),
    );
    const { code, stderr } = await within('evaluate', at('weighted'), '--data', at('bare.csv'));
    expect([code, stderr]).toEqual([0, expect.stringContaining('No column of weights "w" in')]);
    const refused = await within(
      'train',
      '--data',
      at('weighted.csv'),
      '--weights',
      'w',
      '--test',
      at('bare.csv'),
      '--out',
      at('no'),
      '--quiet',
    );
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('No column "w" in')]);
  });

  it('`train` refuses held-out rows that all have weight 0', async () => {
    csv(
      at('zero.csv'),
      'x,y,w',
      rows(6, 50).map(([x, y]) => [x!, y!, 0]),
    );
    const { code, stderr } = await within(
      'train',
      '--data',
      at('weighted.csv'),
      '--weights',
      'w',
      '--test',
      at('zero.csv'),
      '--out',
      at('no'),
      '--quiet',
    );
    expect([code, stderr]).toEqual([2, expect.stringContaining('No row has a weight above 0 in the column "w"')]);
  });
});
