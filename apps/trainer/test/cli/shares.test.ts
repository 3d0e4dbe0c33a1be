import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { compiled, impflow, json, temporary, tree, within } from './harness.ts';

const folder = temporary();
const at = (name: string): string => join(folder, name);
const drawn = (out: string, ...options: readonly string[]) =>
  impflow('sample', at('run'), '-n', '10000', '--part-rows', '2048', '--out', at(out), ...options);

beforeAll(async () => {
  compiled();
  const short = ['--steps', '5', '--hidden', '8', '--blocks', '1', '--workers', '1', '--quiet', '--json'];
  json(await within('train', '--data', 'earthquakes', ...short, '--out', at('run')));
});

describe('`--share`', () => {
  it('processes that share a folder write the same files as one process', async () => {
    await drawn('whole');
    const first = await drawn('shared', '--share', '1/2');
    expect(first.code).toBe(0);
    expect(first.stderr).toContain('Share 1 of 2 is done');
    expect(existsSync(join(at('shared'), 'manifest.json'))).toBe(false);
    const second = await drawn('shared', '--share', '2/2');
    expect(second.stdout).toContain('10,000 rows written to 5 files');
    expect(tree(at('shared'))).toEqual(tree(at('whole')));
  });

  it.each(['0/2', '3/2', '2', 'a/b'])('`--share` refuses the value %s', async (share) => {
    const { code, stderr } = await within('sample', at('run'), '--out', at('none'), '--share', share);
    expect(code).toBe(2);
    expect(stderr).toContain('Wrong value of --share');
  });
});
