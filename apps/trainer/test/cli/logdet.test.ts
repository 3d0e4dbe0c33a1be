import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encode as png } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { csv, fixture, json, temporary, within } from './harness.ts';

const folder = temporary();

describe('score by another estimator', () => {
  const tabular = fixture('checkpoints/tabular-roulette.safetensors');
  const recorded = JSON.parse(readFileSync(fixture('checkpoints/tabular-roulette.json'), 'utf8')) as {
    readonly columns: readonly string[];
    readonly rows: readonly (readonly number[])[];
  };
  const rows = csv(join(folder, 'rows.csv'), recorded.columns.join(','), recorded.rows);
  const scored = async (...args: readonly string[]): Promise<readonly number[]> =>
    json<{ readonly logDensity: readonly number[] }>(await within('score', ...args, '--json')).logDensity;

  it('exact is the default in few dimensions, and the other estimators are close to it', async () => {
    const truth = await scored(tabular, rows);
    expect(await scored(tabular, rows, '--logdet', 'exact')).toEqual(truth);
    for (const name of ['roulette', 'series', 'solved']) {
      const found = await scored(tabular, rows, '--logdet', name);
      expect(found, name).not.toEqual(truth);
      // One probe for each of the 6 nets.
      found.forEach((value, i) => expect(Math.abs(value - truth[i]!), name).toBeLessThan(5));
    }
  });

  it('exact accepts images of 784 dimensions, which checks the roulette', async () => {
    const { images } = JSON.parse(readFileSync(fixture('checkpoints/digits.json'), 'utf8')) as {
      readonly images: readonly string[];
    };
    const path = join(folder, 'images');
    mkdirSync(path);
    images
      .slice(0, 2)
      .forEach((image, i) =>
        writeFileSync(
          join(path, `${i}.png`),
          png({ width: 28, height: 28, data: new Uint8Array(Buffer.from(image, 'base64')), channels: 1, depth: 8 }),
        ),
      );
    const digits = fixture('checkpoints/digits.safetensors');
    const [exact, roulette] = [await scored(digits, path, '--logdet', 'exact'), await scored(digits, path)];
    exact.forEach((value, i) =>
      expect(Math.abs(value - roulette[i]!), `${value} against ${roulette[i]}`).toBeLessThan(30),
    );
  });

  it('accepts the options of the estimator, and refuses unknown ones', async () => {
    const [short, long] = [
      await scored(tabular, rows, '--logdet', 'series:terms=1,probe=basis'),
      await scored(tabular, rows, '--logdet', 'series:terms=40,probe=basis'),
    ];
    const truth = await scored(tabular, rows);
    const worst = (found: readonly number[]): number =>
      Math.max(...found.map((value, i) => Math.abs(value - truth[i]!)));
    expect(worst(long)).toBeLessThan(0.01 * worst(short));
    expect((await within('score', tabular, rows, '--logdet', 'exact:maxdim=3')).stderr).toContain(
      'The log-det estimator exact has no option maxdim: expected one of maxDim, got "maxdim". Did you mean "maxDim"?',
    );
  });

  it('refuses a misspelt name', async () => {
    const { code, stderr } = await within('score', tabular, rows, '--logdet', 'exct');
    expect(code).toBe(2);
    expect(stderr).toContain('Did you mean "exact"?');
  });
});
