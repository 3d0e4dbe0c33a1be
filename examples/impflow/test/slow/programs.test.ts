// Runs the programs as a user does, with the compiled packages.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { statementsOf } from '../../../../packages/testkit/private/statements.mjs';

const FOLDER = fileURLToPath(new URL('../..', import.meta.url));
const run = async (program: string): Promise<string> => {
  // The program must print without colors, even if the environment of the tests asks for colors.
  const env = { ...process.env, FORCE_COLOR: '0' };
  const { stdout } = await promisify(execFile)(process.execPath, [program], { cwd: FOLDER, env });
  return stdout;
};
/** Returns the numbers that follow `name:` in the output. */
const numbers = (printed: string, name: string): readonly number[] =>
  Array.from(printed.matchAll(new RegExp(`${name}: (-?[\\d.]+)`, 'g')), ([, text]) => Number(text));

it.each([
  ['main.mjs', 12],
  ['duckdb.mjs', 5],
  ['arrow.mjs', 5],
])('%s has at most %d statements', (program, most) => {
  expect(statementsOf(readFileSync(`${FOLDER}/${program}`, 'utf8'))).toBeLessThanOrEqual(most);
});

describe('the model of the penguins', () => {
  let printed: string;
  beforeAll(async () => {
    printed = await run('main.mjs');
  }, 180_000);

  it('the loss of the model on held-out rows is at most the loss of a linear regression', () => {
    expect(numbers(printed, 'nats')[0]).toBeLessThan(15.2);
  });

  it('the explanation of a penguin of 6 kg lists the mass first', () => {
    expect(printed).toMatch(/reasons \[\s*{\s*column: 'Body Mass \(g\)'/);
  });

  it('the model fills all gaps, and draws penguins of the requested species', () => {
    expect(printed).not.toContain('null');
    const [, samples] = printed.split('samples');
    expect(samples!.match(/Species: 'Gentoo'/g)).toHaveLength(2);
  });

  it('a model that was saved and loaded gives the scores of the original model', () => {
    const [before, after] = [printed.split('scores')[1]!, printed.split('the same scores')[1]!];
    expect(numbers(before, 'logDensity').slice(0, 3)).toEqual(numbers(after, 'logDensity'));
  });

  it('duckdb.mjs scores rows of a DuckDB query', async () => {
    // The library of DuckDB is native and is not available for every platform.
    if ((await import('@duckdb/node-api').catch(() => undefined)) === undefined) return;
    expect(numbers(await run('duckdb.mjs'), 'logDensity')).toHaveLength(5);
  });

  it('rows of an Apache Arrow table get the scores of equal rows that are objects', async () => {
    const scores = numbers(await run('arrow.mjs'), 'logDensity');
    expect(scores).toHaveLength(5);
    expect(scores.slice(0, 3)).toEqual(numbers(printed.split('the same scores')[1]!, 'logDensity'));
  });
});
