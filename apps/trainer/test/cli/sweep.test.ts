import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { key, normals } from '@impflow/core';
import { loadCheckpoint } from '@impflow/training';
import { hasPngSignature } from 'fast-png';
import { beforeAll, describe, expect, it } from 'vitest';
import { compiled, csv, impflow, json, start, temporary, until, within, type Running } from './harness.ts';
import { csvRows } from './tables.ts';

const folder = temporary();
const at = (name: string): string => join(folder, name);

interface Trial {
  readonly rank: number;
  readonly name: string;
  readonly choice: Readonly<Record<string, number>>;
  readonly steps: number;
  readonly validation: number | null;
  readonly run: string;
  readonly test: { readonly nats: number; readonly rows: number };
}
interface Answer {
  readonly best: Trial;
  readonly defaults: Trial;
  readonly trials: readonly Trial[];
}

const FIXED = ['--data', at('rows.csv'), '--hidden', '8', '--batch', '20', '--blocks', '1', '--patience', '99'];
const SWEEP = [...FIXED, '--param', 'lr=1e-3,1e-2,3e-2,1e30', '--steps', '400', '--halving', '2', '--workers', '2'];
/** Returns the lines of `sweep.csv` without the column of seconds. */
const tableOf = (sweep: string): readonly object[] =>
  csvRows(join(at(sweep), 'sweep.csv')).map(({ seconds: _seconds, ...rest }) => rest);
const resultsOf = (sweep: string): readonly string[] => {
  const path = join(at(sweep), 'results.jsonl');
  return existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : [];
};

beforeAll(() => {
  compiled();
  const noise = normals(key(5), 400);
  csv(
    at('rows.csv'),
    'a,b',
    Array.from({ length: 200 }, (_, i) => [noise[2 * i]!, noise[2 * i + 1]! ** 2]),
  );
});

// Each sweep starts ten processes, which takes seconds, and longer on a busy machine.
describe('a sweep', { timeout: 240_000 }, () => {
  it('a sweep orders its trials by validation loss, names the best trial, and repeats no training when it is called again', async () => {
    const { best, defaults, trials } = json<Answer>(
      await impflow('sweep', ...SWEEP, '--out', at('whole'), '--json', '--quiet'),
    );
    // One of the four trials fails and has 0 steps. The others end after 100, 200 and 400 steps, and trial 0 after 400
    // steps.
    expect(trials.map(({ steps }) => steps).toSorted((a, b) => a - b)).toEqual([0, 100, 200, 400, 400]);
    expect(trials.map(({ rank }) => rank)).toEqual([1, 2, 3, 4, 5]);
    const losses = trials.slice(0, 4).map(({ validation }) => validation!);
    expect(losses).toEqual(losses.toSorted((a, b) => a - b));
    expect(trials.at(-1)).toMatchObject({ name: 'trial-004', validation: null, state: 'failed' });
    expect([best.name, best.run]).toEqual([trials[0]!.name, join(at('whole'), trials[0]!.name)]);
    expect(defaults).toMatchObject({ name: 'trial-000', choice: {}, steps: 400 });
    expect(tableOf('whole').map((row) => (row as { trial: string }).trial)).toEqual(trials.map(({ name }) => name));
    expect(hasPngSignature(readFileSync(join(at('whole'), 'sweep.png')))).toBe(true);
    const before = readFileSync(join(at('whole'), 'sweep.csv'), 'utf8');
    const { code, stdout } = await within('sweep', '--out', at('whole'), '--quiet');
    expect([code, readFileSync(join(at('whole'), 'sweep.csv'), 'utf8')]).toEqual([0, before]);
    expect(stdout).toContain(`The best is ${best.name}: lr ${best.choice['lr']}.`);
    expect(stdout).toContain(`impflow score ${best.run} DATA`);
    expect(stdout).toContain('test data, not used for the choice');
  });

  it('the runs of a sweep have the same bits as uninterrupted runs of `train`', async () => {
    const { best } = json<Answer>(await impflow('sweep', '--out', at('whole'), '--json', '--quiet'));
    const command = ['train', ...FIXED, '--lr', String(best.choice['lr']!), '--steps', '400', '--workers', '1'];
    const plain = json<{ heldOut: object }>(await impflow(...command, '--out', at('plain'), '--json', '--quiet'));
    const [first, second] = await Promise.all(
      [best.run, at('plain')].map((run) => loadCheckpoint(join(run, 'checkpoint.safetensors'))),
    );
    expect(first!.tensors).toEqual(second!.tensors);
    const contents = ({ extra, training, step, spec }: NonNullable<typeof first>): object => {
      const { provenance: _provenance, report, ...rest } = extra as { provenance: unknown; report: object };
      // The wall times of the two reports differ, so they are set to 0.
      return { rest, report: { ...report, time: 0, seconds: 0 }, training, step, spec };
    };
    expect(contents(first!)).toEqual(contents(second!));
    expect(readFileSync(join(best.run, 'metrics.jsonl'))).toEqual(readFileSync(join(at('plain'), 'metrics.jsonl')));
    expect(plain.heldOut).toEqual(best.test);
  });

  it('a sweep that was interrupted and killed, and one of whose trials was killed, has the table of an uninterrupted sweep', async () => {
    const begin = (): Running => start('sweep', ...SWEEP, '--out', at('torn'));
    const first = begin();
    await until(() => resultsOf('torn').length > 0);
    first.kill('SIGINT');
    const interrupted = await first.exited;
    expect(interrupted.code).toBe(130);
    expect(interrupted.stderr).toContain(`Continue with: impflow sweep --out ${at('torn')}`);
    expect(holders('torn')).toEqual([]);

    const done = resultsOf('torn').length;
    const second = begin();
    await until(() => resultsOf('torn').length > done && holders('torn').length > 0);
    second.kill('SIGKILL');
    await second.exited;
    // The test appends an incomplete result line, as a failure of the machine during the write may leave it.
    writeFileSync(join(at('torn'), 'results.jsonl'), '{"trial":3,"ru', { flag: 'a' });

    const third = begin();
    await until(() => holders('torn').length > 0 && third.said().length + resultsOf('torn').length > done + 1);
    for (const pid of holders('torn').slice(0, 1)) process.kill(pid, 'SIGKILL');
    const { code } = await third.exited;
    expect(code).toBe(0);
    expect(tableOf('torn')).toEqual(tableOf('whole'));
  });

  it('a sweep prints an error if no trial converges, or if the data are wrong', async () => {
    const diverging = ['--param', 'optimizer=adam,sgd', '--lr', '1e30', '--steps', '30', '--no-halving', '--quiet'];
    const [none, missing] = await Promise.all([
      impflow('sweep', ...FIXED, ...diverging, '--out', at('none')),
      impflow('sweep', '--data', at('nothing.csv'), '--param', 'lr=1,2', '--out', at('missing'), '--quiet'),
    ]);
    expect([none.code, missing.code]).toEqual([1, 2]);
    expect(none.stderr).toContain('No trial converged');
    expect(csvRows(join(at('none'), 'sweep.csv')).map(({ state }) => state)).toEqual(['failed', 'failed', 'failed']);
    expect(missing.stderr).toContain(at('nothing.csv'));
    expect(missing.stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});

describe('a wrong call of `sweep`', () => {
  const spec = (name: string, content: unknown): string => {
    writeFileSync(at(name), typeof content === 'string' ? content : JSON.stringify(content));
    return at(name);
  };
  const params = { lr: [0.1, 0.2] };
  it.each<[string, () => readonly string[], string]>([
    ['nothing to try', () => ['--out', at('new')], 'No parameters to vary'],
    ['no folder', () => ['--param', 'lr=1'], '--out'],
    ['an option of another command', () => ['--param', 'lr=1', '--epochs', '3', '--out', at('new')], "'--epochs'"],
    ['a wrong value', () => ['--data', 'moons', '--param', 'lr=0', '--out', at('new')], 'Wrong value of --lr'],
    ['no such file', () => [at('no.json'), '--out', at('new')], 'expected a JSON file'],
    ['no JSON', () => [spec('a.json', '{'), '--out', at('new')], 'expected a JSON object, got no JSON'],
    ['no parameters', () => [spec('b.json', {}), '--out', at('new')], 'expected an object for params'],
    ['an unknown field', () => [spec('c.json', { params, parms: 1 }), '--out', at('new')], 'got "parms"'],
    ['a wrong field', () => [spec('d.json', { params, trials: 0 }), '--out', at('new')], 'for trials'],
    ['a wrong parameter', () => [spec('e.json', { params: { lr: 3 } }), '--out', at('new')], 'for lr'],
    [
      'a wrong option',
      () => [spec('f.json', { params, options: { data: 'moons', out: 'x' } }), '--out', at('new')],
      'Unknown option',
    ],
    ['other files', () => ['--data', 'moons', '--param', 'lr=1', '--out', folder], 'holds other files'],
    ['another sweep', () => [...SWEEP, '--seed', '3', '--out', at('whole')], 'holds another sweep: expected the same'],
  ])('`sweep` prints an error and creates no folder: %s', async (_name, options, message) => {
    const { code, stderr, stdout } = await within('sweep', ...options(), '--quiet');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(existsSync(at('new'))).toBe(false);
  });

  it('`sweep` reads its settings from a file, and options override the file', async () => {
    const file = spec('g.json', {
      params: { lr: 'log:1e-4:1e-2', blocks: [1, 2], hidden: [[8], '8,8'] },
      options: { data: at('rows.csv'), seed: 3, flip: false },
      trials: 5,
      steps: 90,
      halving: false,
    });
    // The sweep ends at trial 0, because rows are not images.
    await within('sweep', file, '--task', 'classify', '--param', 'blocks=3', '--out', at('file'), '--quiet');
    const plan = JSON.parse(readFileSync(join(at('file'), 'sweep.json'), 'utf8')) as object;
    expect(plan).toMatchObject({
      parameters: [
        { name: 'lr', scale: 'log', low: 1e-4, high: 1e-2 },
        { name: 'hidden', values: [[8], [8, 8]] },
        { name: 'blocks', values: [3] },
      ],
      place: { data: at('rows.csv') },
      options: { seed: 3, task: 'classify', validateEvery: 22 },
      search: 'random',
      halving: 0,
      rungs: [90],
      trials: { length: 5 },
    });
    rmSync(at('file'), { recursive: true });
  });
});

/** Returns the ids of the processes that hold the locks of trials of a sweep. */
const holders = (sweep: string): readonly number[] =>
  readdirSync(at(sweep))
    .filter((name) => name.startsWith('trial-'))
    .flatMap((name) => {
      try {
        return [(JSON.parse(readFileSync(join(at(sweep), name, 'lock'), 'utf8')) as { pid: number }).pid];
      } catch {
        return [];
      }
    });
