import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fold, key, normals, uniforms } from '@impflow/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { csv, json, temporary, within } from './harness.ts';

const folder = temporary();
const at = (name: string): string => join(folder, name);
const TINY = ['--hidden', '8', '--blocks', '1', '--batch', '100', '--base', 'normal', '--workers', '1', '--lr', '0.02'];
const COUNT = 600;

/**
 * The table has two correlated numbers, and a category that shifts the two numbers. A third of the rows lacks `b`, most
 * often rows with a large `a`.
 */
const rows = (seed: number, count: number, gaps: boolean): readonly (readonly (string | number)[])[] => {
  const [noise, chance] = [normals(fold(key(seed), 0), 2 * count), uniforms(fold(key(seed), 1), 3 * count)];
  return Array.from({ length: count }, (_, i) => {
    const kind = chance[3 * i]! < 0.4 ? 'old' : 'new';
    const a = noise[2 * i]! + (kind === 'old' ? 2 : 0);
    const b = 0.9 * a + 0.4 * noise[2 * i + 1]!;
    const isMissing = gaps && chance[3 * i + 1]! < (a > 1 ? 0.5 : 0.2);
    return [a, isMissing ? 'NA' : b, gaps && chance[3 * i + 2]! < 0.05 ? '' : kind];
  });
};

const heldOut: Record<string, number> = {};

beforeAll(async () => {
  csv(at('gaps.csv'), 'a,b,kind', rows(1, COUNT, true));
  csv(at('whole.csv'), 'a,b,kind', rows(2, 300, false));
  for (const missing of ['drop', 'median', 'impute'])
    heldOut[missing] = json<{ heldOut: { nats: number } }>(
      await within(
        'train',
        '--data',
        at('gaps.csv'),
        '--validation',
        at('whole.csv'),
        '--test',
        at('whole.csv'),
        ...TINY,
        '--missing',
        missing,
        '--steps',
        '60',
        '--out',
        at(missing),
        '--quiet',
        '--json',
      ),
    ).heldOut.nats;
}, 90_000);

describe('`--missing`', () => {
  it('`train` refuses a table with many gaps in one line if `--missing` is not given', async () => {
    const { code, stderr } = await within('train', '--data', at('gaps.csv'), '--out', at('no'), '--quiet');
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^\[impflow\/fit\] Many rows in .+ have gaps: .+ Set --missing to drop, median or impute.*\n$/,
    );
  });

  it('for rows with gaps, `--missing impute` gives a better density than `--missing drop` and `--missing median`', async () => {
    expect(heldOut['impute']!).toBeLessThan(heldOut['median']! - 0.3);
    // All rows have `a`. Rows with a large `a` lack `b` more often, so a large `a` is rare among the rows without gaps.
    csv(
      at('a.csv'),
      'a,b,kind',
      rows(2, 40, false).map(([a]) => [a!, '', '']),
    );
    const ofA = async (run: string): Promise<number> => {
      const { logDensity } = json<{ logDensity: readonly number[] }>(
        await within('score', at(run), at('a.csv'), '--json'),
      );
      return logDensity.reduce((sum, value) => sum + value, 0) / logDensity.length;
    };
    expect(await ofA('impute')).toBeGreaterThan(await ofA('drop'));
  });

  it.each([
    ['drop', 'left out of the training'],
    ['median', 'filled by the median of the column, or its most frequent category'],
    ['impute', 'filled by draws given the other cells of the row'],
  ])('`train --missing %s` prints how many rows have gaps and how these rows are treated', async (missing, said) => {
    const { code, stderr } = await within(
      'train',
      '--data',
      at('gaps.csv'),
      ...TINY,
      '--missing',
      missing,
      '--steps',
      '2',
      '--out',
      at('told'),
      '--force',
    );
    expect(code).toBe(0);
    const lines = readFileSync(at('gaps.csv'), 'utf8').trimEnd().split('\n').slice(1);
    const open = lines.filter((line) => /,NA,|,$/.test(line)).length;
    const remarks = [...stderr.matchAll(/^(.*) (has|have) gaps: /gm)].map(([, rows]) => rows!).join(' and ');
    const counts = [...remarks.matchAll(/(\d+) (training|validation|test) rows?/g)].map(([, count]) => Number(count));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(open);
    expect(stderr).toContain(said);
    expect(stderr).toMatch(new RegExp(`^b +number +${lines.filter((line) => line.includes(',NA,')).length} `, 'm'));
  });

  it('`train --missing impute` leaves out rows that lack a category to condition on', async () => {
    const { code, stderr } = await within(
      'train',
      '--data',
      at('gaps.csv'),
      ...TINY,
      '--given',
      'kind',
      '--missing',
      'impute',
      '--steps',
      '2',
      '--out',
      at('conditional'),
    );
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(
        /the other cells of the row; \d+ of these rows lack a value of a condition, and are left out\.$/m,
      ),
    ]);
  });

  it('a run with `--missing impute` resumes to the same bits', async () => {
    const options = ['--data', at('gaps.csv'), ...TINY, '--missing', 'impute', '--quiet', '--json'];
    const whole = json<{ heldOut: object }>(await within('train', ...options, '--steps', '8', '--out', at('w')));
    json(await within('train', ...options, '--steps', '4', '--out', at('t')));
    const resumed = json<{ heldOut: object }>(
      await within('train', '--resume', '--out', at('t'), '--steps', '8', '--quiet', '--json'),
    );
    expect(resumed.heldOut).toEqual(whole.heldOut);
  });
});

describe('`score` of rows with gaps', () => {
  it('the score of a row with gaps is the log-density of its known cells, with a standard error', async () => {
    csv(at('some.csv'), 'a,b,kind', [
      [0.3, '', ''],
      [0.3, 0.2, 'new'],
      ['', '', 'old'],
    ]);
    const { logDensity, standardError, gaps } = json<{
      logDensity: readonly number[];
      standardError: readonly number[];
      gaps: readonly number[];
    }>(await within('score', at('impute'), at('some.csv'), '--json'));
    expect(gaps).toEqual([2, 0, 2]);
    // p(a) is a mixture of two normal distributions. The model was trained on six hundred rows, so the tolerance is
    // large.
    const normal = (x: number): number => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
    expect(Math.abs(logDensity[0]! - Math.log(0.6 * normal(0.3) + 0.4 * normal(0.3 - 2)))).toBeLessThan(0.25);
    expect(Math.abs(logDensity[2]! - Math.log(0.4))).toBeLessThan(0.15);
    expect(standardError[1]).toBe(0);
    expect(standardError[0]).toBeLessThan(0.1);
  });

  it('`evaluate` leaves out rows with gaps, and prints a note', async () => {
    const { stderr, code } = await within('evaluate', at('drop'), '--data', at('gaps.csv'));
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^\d+ of 600 rows have gaps and are left out\.$/m)]);
    csv(at('none.csv'), 'a,b,kind', [[1, '', 'old']]);
    const none = await within('evaluate', at('drop'), '--data', at('none.csv'), '--quiet');
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('without gaps')]);
  });
});
