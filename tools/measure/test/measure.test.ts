// Tests of `measure`: how a measurement program reads its arguments, keeps records, and writes pages from them.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readLines } from '../../json-lines.mjs';
import { measure, type Program } from '../measure.mjs';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'impflow-measure-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

let runs: string[] = [];
const program = {
  name: 'a-test',
  about: 'Twice a number.',
  options: { numbers: { value: [2, 1], help: 'numbers to double' }, seconds: { value: 5, help: 'seconds' } },
  jobs: ({ numbers }) => numbers.map((n: number) => ({ job: `double ${n}`, n })),
  run: async ({ job, n }, { values: { seconds } }) => {
    runs.push(job);
    if (n === 3) return { absent: 'three is not here' };
    if (n === 4) throw new Error('four fails');
    return { twice: 2 * n, seconds };
  },
  pages: (records) => ({ '': records.map(({ n, twice }) => `${n}: ${twice}`).join('\n') }),
} satisfies Program;

const ran = async (...args: readonly string[]) => {
  const [printed, errors]: [string[], string[]] = [[], []];
  runs = [];
  const code = await measure(program, ['--out', join(folder, 'records.jsonl'), ...args], {
    log: (text) => printed.push(text),
    error: (text) => errors.push(text),
  });
  return { code, runs, printed: printed.join('\n'), errors: errors.join('\n') };
};

it('`measure` writes a record with machine, versions and date for every job, in the order of the jobs', async () => {
  expect(await ran()).toMatchObject({ code: 0, runs: ['double 2', 'double 1'] });
  const records = readLines(join(folder, 'records.jsonl'));
  expect(records).toMatchObject([
    { job: 'double 2', n: 2, twice: 4, seconds: 5 },
    { job: 'double 1', n: 1, twice: 2, seconds: 5 },
  ]);
  for (const record of records)
    expect(Object.keys(record)).toEqual(expect.arrayContaining(['load', 'minutes', 'machine', 'versions', 'date']));
});

it('a job that has a record is measured again only with `--again`', async () => {
  await ran('--only', 'double 1');
  expect((await ran()).runs).toEqual(['double 2']);
  expect((await ran()).runs).toEqual([]);
  expect((await ran('--again', '--only', '2', '--seconds', '7')).runs).toEqual(['double 2']);
  expect(readLines(join(folder, 'records.jsonl'))[0]).toMatchObject({ job: 'double 2', seconds: 7 });
});

it('`measure` tries a job again if it could not run on this machine or failed', async () => {
  const first = await ran('--numbers', '3,4,5');
  expect(first).toMatchObject({ code: 1, runs: ['double 3', 'double 4', 'double 5'] });
  expect(first.errors).toContain('double 4: failed. four fails');
  expect((await ran('--numbers', '3,4,5')).runs).toEqual(['double 3', 'double 4']);
});

it('`--list` prints the jobs to measure, and `--help` prints the options', async () => {
  expect(await ran('--list')).toMatchObject({ code: 0, runs: [], printed: 'double 2\ndouble 1' });
  const { printed } = await ran('--help');
  expect(printed).toContain('npm run measure -- a-test');
  expect(printed).toMatch(/--numbers … +numbers to double \(2,1\)/);
});

it.each([
  [['--json', 'x'], "Unknown option '--json': expected some of --only"],
  [['--out'], 'argument missing'],
  [['more'], "Unexpected argument 'more'"],
  [['--numbers', '1,x'], 'Wrong --numbers: expected whole numbers, separated by commas, got "1,x".'],
  [['--seconds', '0'], 'Wrong --seconds: expected a number above 0, got "0".'],
  [['--only', 'triple'], 'Wrong --only: expected parts of double 2, double 1; got "triple".'],
  [['--markdown'], 'No records in'],
])('`measure` refuses the wrong arguments %j with one sentence', async (args, sentence) => {
  const { code, errors } = await ran(...args);
  expect([code, errors.split('\n').length]).toEqual([2, 1]);
  expect(errors).toContain(sentence);
});

it('`--markdown` writes pages from the records and measures nothing', async () => {
  await ran();
  const before = readFileSync(join(folder, 'records.jsonl'), 'utf8');
  expect(await ran('--markdown')).toMatchObject({ code: 0, runs: [], printed: '2: 4\n1: 2' });
  expect(readFileSync(join(folder, 'records.jsonl'), 'utf8')).toBe(before);
});
