import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { key, normals, type TaskRunner } from '@impflow/core';
import {
  planSweep,
  runSweep,
  taskHandler,
  type Sweep,
  type SweepEvent,
  type TrainResult,
  type TrainTask,
} from '@impflow/jobs';
import { load } from 'impflow';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporary } from './folders.ts';

const folder = temporary();
const at = (...names: readonly string[]): string => join(folder, ...names);

const handler = taskHandler();
const tasks: TrainTask[] = [];
/** Runs tasks in this process. */
const here: TaskRunner<TrainTask, TrainResult> = {
  run: async (task, { signal = new AbortController().signal, onProgress = () => {} } = {}) => {
    tasks.push(task);
    return (await handler(task, { signal, onProgress })) as TrainResult;
  },
  close: async () => {},
};

const plan = planSweep({
  place: { data: at('rows.csv') },
  parameters: [{ name: 'lr', values: [1e-3, 3e-2, 1e30] }],
  options: { hidden: [8], blocks: 1, batch: 20, patience: 99 },
  steps: 60,
  halving: 2,
  minSteps: 30,
});
/** Returns the results of the trials without their wall times. */
const shown = ({ trials, tests }: Sweep): object => ({
  trials: trials.map(({ seconds: _seconds, ...rest }) => rest),
  tests,
});

beforeAll(() => {
  const noise = normals(key(5), 400);
  const rows = Array.from({ length: 200 }, (_, i) => `${noise[2 * i]},${noise[2 * i + 1]! ** 2}`);
  writeFileSync(at('rows.csv'), `a,b\n${rows.join('\n')}\n`);
});

describe('`runSweep`', { timeout: 120_000 }, () => {
  let whole: Sweep;

  it('`runSweep` orders trials by validation loss, and tests the best trial and trial 0; a second call trains nothing', async () => {
    const told: SweepEvent[] = [];
    const options = { runner: here, atOnce: 1, onEvent: (event: SweepEvent) => void told.push(event) };
    whole = await runSweep(at('whole'), plan, options);
    expect(whole.trials.map(({ steps }) => steps).toSorted((a, b) => a - b)).toEqual([0, 30, 60, 60]);
    const losses = whole.trials.map(({ validation }) => validation ?? Infinity);
    expect(losses).toEqual(losses.toSorted((a, b) => a - b));
    expect(whole.trials.at(-1)).toMatchObject({ name: 'trial-003', state: 'failed', choice: { lr: 1e30 } });
    expect(whole.tests.map(({ trial }) => trial)).toEqual([whole.trials[0]!.trial, 0]);
    expect(whole.tests[0]!.test).toMatchObject({ rows: 20 });
    expect(told.filter(({ kind }) => kind === 'result')).toHaveLength(5);
    const best = await load(at('whole', whole.trials[0]!.name));
    expect(best.report.heldOut).toEqual(whole.tests[0]!.test);
    best.dispose();
    tasks.length = 0;
    expect(await runSweep(at('whole'), plan, options)).toEqual(whole);
    expect(tasks).toEqual([]);
  });

  it('`runSweep` continues after an interruption and an incomplete result line, and returns the same results', async () => {
    const abort = new AbortController();
    const onEvent = (event: SweepEvent): void => {
      if (event.kind === 'steps' && event.trial === 2 && event.rung === 1) abort.abort(new Error('enough'));
    };
    const torn = runSweep(at('torn'), plan, { runner: here, atOnce: 2, signal: abort.signal, onEvent });
    await expect(torn).rejects.toThrow('enough');
    const log = at('torn', 'results.jsonl');
    writeFileSync(log, '{"trial":3,"ru', { flag: 'a' });
    const lines = readFileSync(log, 'utf8').split('\n').length;
    expect(shown(await runSweep(at('torn'), plan, { runner: here, atOnce: 2 }))).toEqual(shown(whole));
    expect(readFileSync(log, 'utf8').split('\n').length).toBeGreaterThan(lines);
  });

  it('`runSweep` returns no test results if no trial converges', async () => {
    const diverging = planSweep({
      place: plan.place,
      parameters: [{ name: 'optimizer', values: ['adam', 'sgd'] }],
      options: { ...plan.options, lr: 1e30 },
      steps: 30,
      halving: false,
    });
    const { trials, tests } = await runSweep(at('none'), diverging, { runner: here });
    expect(trials.map(({ state }) => state)).toEqual(['failed', 'failed', 'failed']);
    expect(tests).toEqual([]);
  });

  it('`runSweep` refuses the folder of another sweep and a folder in use, and throws the error of wrong data', async () => {
    const other = planSweep({ place: plan.place, parameters: [{ name: 'lr', values: [1e-3] }] });
    await expect(runSweep(at('whole'), other, { runner: here })).rejects.toThrow('holds another sweep');
    await expect(runSweep(folder, plan, { runner: here })).rejects.toThrow('holds other files');
    const missing = { ...plan, place: { data: at('no.csv') } };
    await expect(runSweep(at('missing'), missing, { runner: here })).rejects.toMatchObject({ code: 'input' });
    expect(existsSync(at('missing', 'lock'))).toBe(false);
    const [first, second] = [1, 2].map(() => runSweep(at('twice'), plan, { runner: here, atOnce: 1 }));
    await expect(Promise.any([first, second].map((each) => each!.then(() => 'done')))).resolves.toBe('done');
    await expect(Promise.all([first, second])).rejects.toThrow('is in use');
  });
});
