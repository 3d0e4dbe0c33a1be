import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { key, normals, uniforms } from '@impflow/core';
import { encode as png } from 'fast-png';
import { beforeAll, describe, expect, it } from 'vitest';
import { csv, json, temporary, within } from './harness.ts';

const folder = temporary();
const at = (name: string): string => join(folder, name);

describe('`score` with `--logdet`', () => {
  const [tabular, rows] = [at('tabular'), at('rows.csv')];
  beforeAll(async () => {
    const noise = normals(key(1), 1000);
    const table = Array.from({ length: 200 }, (_, i) => Array.from(noise.subarray(5 * i, 5 * i + 5)));
    csv(at('train.csv'), 'a,b,c,d,e', table);
    csv(rows, 'a,b,c,d,e', table.slice(0, 8));
    const size = ['--blocks', '3', '--hidden', '32,32', '--activation', 'lipSwish', '--batch', '50', '--workers', '1'];
    const run = ['--logdet', 'roulette', '--steps', '60', '--lr', '5e-3', '--out', tabular];
    json(await within('train', '--data', at('train.csv'), ...size, ...run, '--quiet', '--json'));
  });
  const scored = async (...args: readonly string[]): Promise<readonly number[]> =>
    json<{ readonly logDensity: readonly number[] }>(await within('score', ...args, '--json')).logDensity;

  it('`score` uses the exact log-determinant for few columns, and the scores with other estimators are close to the exact scores', async () => {
    const truth = await scored(tabular, rows);
    expect(await scored(tabular, rows, '--logdet', 'exact')).toEqual(truth);
    for (const name of ['roulette', 'series', 'solved']) {
      const found = await scored(tabular, rows, '--logdet', name);
      expect(found, name).not.toEqual(truth);
      // The estimators use one probe for each of the 6 nets, so their errors are large.
      found.forEach((value, i) => expect(Math.abs(value - truth[i]!), name).toBeLessThan(5));
    }
  });

  it('`score --logdet exact` works for images of 784 dimensions, and is close to the roulette estimate', async () => {
    const path = at('images');
    mkdirSync(path);
    for (const i of [0, 1])
      writeFileSync(
        join(path, `${i}.png`),
        png({
          width: 28,
          height: 28,
          data: Uint8Array.from(uniforms(key(i), 784), (u) => 256 * u),
          channels: 1,
          depth: 8,
        }),
      );
    const digits = at('digits');
    const size = ['--blocks', '1', '--hidden', '4,4', '--dense-blocks', '1', '--dense-hidden', '2', '--batch', '16'];
    const run = ['--steps', '5', '--test-images', '16', '--workers', '1', '--quiet', '--json', '--out', digits];
    json(await within('train', '--data', 'digits', ...size, ...run));
    const [exact, roulette] = [await scored(digits, path, '--logdet', 'exact'), await scored(digits, path)];
    exact.forEach((value, i) =>
      expect(Math.abs(value - roulette[i]!), `${value} against ${roulette[i]}`).toBeLessThan(30),
    );
  });

  it('`score --logdet` reads the options of an estimator, and refuses unknown options', async () => {
    const [short, long] = [
      await scored(tabular, rows, '--logdet', 'series:terms=1,probe=basis'),
      await scored(tabular, rows, '--logdet', 'series:terms=40,probe=basis'),
    ];
    const truth = await scored(tabular, rows);
    const worst = (found: readonly number[]): number =>
      Math.max(...found.map((value, i) => Math.abs(value - truth[i]!)));
    // The error of 40 terms is the rounding of float32, about 1e-6. The error of one term is about 1e-4.
    expect(worst(long)).toBeLessThan(0.05 * worst(short));
    expect((await within('score', tabular, rows, '--logdet', 'exact:maxdim=3')).stderr).toContain(
      'The log-det estimator exact has no option maxdim: expected one of maxDim, got "maxdim". Did you mean "maxDim"?',
    );
  });

  it('`score`, `train` and `evaluate` refuse options of a method with which the computation would not end', async () => {
    const said = 'Wrong terms of series: expected a whole number from 0 to 10000, got 1000000000.';
    for (const args of [
      ['score', tabular, rows],
      ['evaluate', tabular],
      ['train', '--data', rows, '--out', at('never')],
    ]) {
      const { code, stderr } = await within(...args, '--logdet', 'series:terms=1000000000');
      expect([code, stderr]).toEqual([2, expect.stringContaining(said)]);
    }
    const { code, stderr } = await within(
      'train',
      '--data',
      rows,
      '--out',
      at('never'),
      '--solver',
      'newton:maxSteps=1e9',
    );
    expect([code, stderr]).toEqual([2, expect.stringContaining('expected a whole number from 1 to 1000000')]);
  });

  it('`score --logdet` refuses a misspelt name', async () => {
    const { code, stderr } = await within('score', tabular, rows, '--logdet', 'exct');
    expect(code).toBe(2);
    expect(stderr).toContain('Did you mean "exact"?');
  });
});
