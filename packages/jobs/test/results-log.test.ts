import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { planSweep } from '../src/sweep/plan-sweep.ts';
import { ranked } from '../src/sweep/ranking.ts';
import { appendResult, readResults, type TrialResult } from '../src/sweep/results-log.ts';
import { sweepCsv } from '../src/sweep/sweep-csv.ts';

const folder = mkdtempSync(join(tmpdir(), 'impflow-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'results.jsonl');
beforeEach(() => rmSync(path, { force: true }));

const result = (trial: number, rung: number, validation: number | null, steps = 10 * (rung + 1)): TrialResult => ({
  trial,
  rung,
  steps,
  validation,
  standardError: validation === null ? null : 0.5,
  seconds: 1.5,
  ...(validation === null ? { error: 'Step 2 is not finite' } : {}),
});

describe('the log of results', () => {
  it('`readResults` returns the appended results, in order', async () => {
    expect(readResults(path)).toEqual([]);
    const entries = [result(2, 0, 1.25), result(1, 0, null), { trial: 2, test: { nats: 3, rows: 9 } }];
    for (const entry of entries) await appendResult(path, entry);
    expect(readResults(path)).toEqual(entries);
  });

  it('`readResults` drops the incomplete line of a process that died, and `appendResult` replaces this line', async () => {
    await appendResult(path, result(1, 0, 2));
    writeFileSync(path, '{"trial":2,"rung":0,"ste', { flag: 'a' });
    expect(readResults(path)).toEqual([result(1, 0, 2)]);
    await appendResult(path, result(3, 0, 4));
    expect(readResults(path)).toEqual([result(1, 0, 2), result(3, 0, 4)]);
    expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(3);
  });

  it.each([
    [
      '{"trial":1}\n',
      'line 1 is not the result of a trial: expected a whole number of at least 0 for rung, got nothing',
    ],
    ['no JSON\n', 'line 1'],
    [`${JSON.stringify(result(1, 0, 2))}\n[]\n`, 'line 2 is not the result of a trial: expected an object, got a list'],
  ])('refuses %j', (text, message) => {
    writeFileSync(path, text);
    expect(() => readResults(path)).toThrow(message);
  });
});

describe('ranked', () => {
  const plan = planSweep({
    place: { data: 'rows.csv' },
    parameters: [{ name: 'hidden', values: [[8], [8, 8], [16]] }],
    steps: 400,
    halving: 2,
    minSteps: 200,
  });
  const results = [result(0, 1, 3, 400), result(1, 0, 5, 200), result(2, 0, 2.5, 200), result(3, 0, null, 0)];

  it('`ranked` orders trials by loss, and puts failed trials last', () => {
    const trials = ranked(plan, [...results, result(2, 1, 2, 400)]);
    expect(trials.map(({ rank, trial, state, seconds }) => [rank, trial, state, seconds])).toEqual([
      [1, 2, 'complete', 3],
      [2, 0, 'complete', 1.5],
      [3, 1, 'halved', 1.5],
      [4, 3, 'failed', 1.5],
    ]);
    expect(sweepCsv({ plan, trials })).toBe(`rank,trial,hidden,steps,seconds,validation_nats,standard_error,state
1,trial-002,"8,8",400,3.00,2,0.5,complete
2,trial-000,,400,1.50,3,0.5,complete
3,trial-001,8,200,1.50,5,0.5,halved
4,trial-003,16,0,1.50,,,failed
`);
  });

  it('`ranked` puts the trial with more steps first if two trials have equal losses', () => {
    expect(ranked(plan, [result(1, 0, 3, 200), result(0, 1, 3, 400)]).map(({ trial }) => trial)).toEqual([0, 1]);
  });
});
