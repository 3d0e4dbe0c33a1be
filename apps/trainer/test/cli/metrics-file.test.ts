import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isFlowError, key, normals } from '@impflow/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { appendMetrics } from '../../src/run-folder/metrics.ts';
import { csv, json, temporary, tree, within } from './harness.ts';

const folder = temporary();
const at = (name: string): string => join(folder, name);
let whole: string;

/** Makes a copy of the run with other content of `metrics.jsonl`. */
const runWith = (name: string, metrics: string | undefined): string => {
  cpSync(at('run'), at(name), { recursive: true });
  if (metrics === undefined) rmSync(at(`${name}/metrics.jsonl`));
  else writeFileSync(at(`${name}/metrics.jsonl`), metrics);
  return at(name);
};
const metricsOf = (run: string): string => readFileSync(join(run, 'metrics.jsonl'), 'utf8');
const resumed = (run: string, ...more: readonly string[]) =>
  within('train', '--resume', '--out', run, '--steps', '16', ...more, '--json');

beforeAll(async () => {
  const noise = normals(key(1), 240);
  csv(
    at('rows.csv'),
    'a,b',
    Array.from({ length: 120 }, (_, i) => [noise[2 * i]!, noise[2 * i + 1]!]),
  );
  const options = [
    '--batch',
    '20',
    '--hidden',
    '8',
    '--blocks',
    '1',
    '--workers',
    '1',
    '--validate-every',
    '4',
    '--quiet',
    '--json',
  ];
  json(await within('train', '--data', at('rows.csv'), '--steps', '12', ...options, '--out', at('run')));
  json(await within('train', '--data', at('rows.csv'), '--steps', '16', ...options, '--out', at('straight')));
  whole = metricsOf(at('run'));
});

describe('metrics of earlier steps', () => {
  it.each([
    ['invalid JSON', '{"step": 5, "loss"', /expected JSON such as .*, got "\{\\"step\\": 5/],
    ['binary', '\u0000\u0001\u001b[31m', /got "/],
    ['null', 'null', /expected an object, got null/],
    ['a list', '[1, 2]', /got a list/],
    [
      'a step without a number',
      '{"step":"five","loss":1}',
      /expected a whole number of at least 1 for step, got "five"/,
    ],
    ['no loss', '{"step":5}', /a finite number for loss, got nothing/],
    ['an infinite loss', '{"step":5,"loss":1e999}', /for loss, got Infinity/],
    ['invalid solves', '{"step":5,"loss":1,"solves":{"forward":null}}', /solves\.forward, got null/],
    ['nested lists', `{"step":5,"loss":${'['.repeat(1e5)}${']'.repeat(1e5)}}`, /for loss, got a list/],
    ['a megabyte', 'x'.repeat(1e6), /got "x{60}…"/],
  ])('for %s in metrics.jsonl, the error names the line, and the file does not change', async (name, line, said) => {
    const lines = whole.split('\n');
    lines[4] = line;
    const run = runWith(`garbage ${name}`, lines.join('\n'));
    const before = tree(run);
    for (const outcome of [await resumed(run), await within('plot', run, '--json')]) {
      expect(outcome.stderr).toContain(`${join(run, 'metrics.jsonl')}, line 5: no metrics of a step`);
      expect(outcome.stderr).toMatch(said);
      expect(outcome.stderr).not.toMatch(/\n {4}at |(?!\n)\p{Cc}/u);
      expect(outcome.stderr.length).toBeLessThan(1000);
      expect([outcome.code, outcome.stdout]).toEqual([2, '']);
    }
    expect(tree(run)).toEqual(before);
  });

  it('an unreadable metrics.jsonl causes an error, and the file is kept', async () => {
    const run = runWith('folder', undefined);
    mkdirSync(join(run, 'metrics.jsonl'));
    const before = tree(run);
    for (const { code, stderr } of [await resumed(run), await within('plot', run)])
      expect([code, stderr]).toEqual([
        2,
        expect.stringMatching(/Cannot read .*metrics\.jsonl.*got a folder\. Make the file readable/),
      ]);
    expect(tree(run)).toEqual(before);
  });

  it.each([
    ['an incomplete line', (text: string) => `${text}{"step":13,"lo`],
    ['a last line without line break', (text: string) => text.trimEnd()],
    ['repeated steps', (text: string) => `${text}{"step":13,"loss":7}\n`],
    ['a blank line', (text: string) => `${text}\n`],
    ['zeros after a power failure', (text: string) => `${text}${'\u0000'.repeat(50)}`],
  ])('a resumed training repairs %s in metrics.jsonl', async (name, change) => {
    const run = runWith(`fine ${name}`, change(whole));
    const outcome = await resumed(run);
    json(outcome);
    expect(outcome.stderr).not.toContain('gap');
    expect(metricsOf(run)).toBe(metricsOf(at('straight')));
  });

  it('a resumed training without earlier metrics continues, and prints a remark about the gap', async () => {
    const run = runWith('gone', undefined);
    const outcome = await resumed(run);
    json(outcome);
    expect(outcome.stderr).toContain('records 0 of the 12 steps so far: the curves have a gap.');
    expect(metricsOf(run)).toBe(metricsOf(at('straight')).split('\n').slice(12).join('\n'));
  });
});

it('if the disk is full, `train` prints an error with the command that continues the run', async () => {
  const error = await appendMetrics({ metrics: '/dev/full', folder: 'runs/a' }, ['{}\n']).catch(
    (cause: unknown) => cause,
  );
  expect(isFlowError(error, 'input')).toBe(true);
  expect((error as Error).message).toBe(
    '[cli] Cannot write to /dev/full: expected room for the metrics of the run, got a full disk. ' +
      'Remove the cause, and continue from the last save with: impflow train --resume --out runs/a',
  );
});
