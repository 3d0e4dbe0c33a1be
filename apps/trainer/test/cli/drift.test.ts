import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { key, normals } from '@impflow/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { csv, json, temporary, within } from './harness.ts';

interface Answer {
  readonly drifted: boolean;
  readonly pValue: number;
  readonly because: string;
  readonly columns: readonly { readonly column: string; readonly nats: number | null }[];
  readonly stream: { readonly alarm?: number; readonly since?: number };
  readonly counts: { readonly reference: { readonly all: number } };
}

const folder = temporary();
const at = (name: string): string => join(folder, name);
const SHORT = ['--steps', '10', '--hidden', '8', '--blocks', '1', '--workers', '1', '--quiet', '--json'];

/** Writes rows of two numbers and a day. From the row `since` on, `length` is larger. */
const table = (name: string, count: number, seed: number, since = Infinity): string => {
  const z = normals(key(seed), 2 * count);
  const rows = Array.from({ length: count }, (_, i): readonly number[] => {
    const length = z[2 * i]! + (i < since ? 0 : 1);
    return [i, length, z[2 * i]! + z[2 * i + 1]!];
  });
  return csv(at(name), 'day,length,width', rows);
};

beforeAll(async () => {
  const data = table('train.csv', 4000, 1);
  json(await within('train', '--data', data, '--columns', 'length,width', ...SHORT, '--out', at('run')));
  table('same.csv', 300, 2);
  table('changed.csv', 600, 3, 300);
}, 120_000);

describe('drift', () => {
  it('`drift` compares a file with the test rows of the run', async () => {
    const same = json<Answer>(await within('drift', at('run'), at('same.csv'), '--json'));
    expect(same).toMatchObject({ drifted: false, counts: { reference: { all: 400 } } });
    expect(same.columns.map(({ nats }) => nats)).toEqual([null, null]);
    expect(same.stream.alarm).toBeUndefined();
    const changed = json<Answer>(await within('drift', at('run'), at('changed.csv'), '--by', 'day', '--json'));
    expect(changed.drifted).toBe(true);
    expect(changed.columns[0]!.column).toBe('length');
    expect(Math.abs(changed.stream.since! - 301)).toBeLessThan(30);
  });

  it('`drift` prints the cause, and draws a picture', async () => {
    const { stdout, code } = await within('drift', at('run'), at('changed.csv'), '--picture', at('drift.png'));
    expect(code).toBe(0);
    expect(stdout).toContain('Cause: length: the level rose');
    expect(stdout).toMatch(/length +the level rose +0\.001/);
    expect(readFileSync(at('drift.png')).subarray(1, 4).toString()).toBe('PNG');
    const again = await within('drift', at('run'), at('changed.csv'), '--picture', at('drift.png'));
    expect(again.stderr).toContain('exists already');
  });

  it('`drift` accepts other reference rows', async () => {
    const found = json<Answer>(
      await within('drift', at('run'), at('changed.csv'), '--reference', at('changed.csv'), '--json'),
    );
    expect(found).toMatchObject({ drifted: false, counts: { reference: { all: 600 } } });
  });

  it('`drift` refuses wrong options', async () => {
    const wrong = async (...args: readonly string[]): Promise<string> =>
      (await within('drift', at('run'), at('same.csv'), ...args)).stderr;
    expect(await wrong('--picture', at('drift.jpg'))).toContain('expected one of .png, got ".jpg"');
    expect(await wrong('--alarm', '2')).toContain('--alarm');
    expect(await wrong('--by', 'hour')).toContain('Wrong column "hour" of the option by');
    expect(existsSync(at('drift.jpg'))).toBe(false);
  });
});
