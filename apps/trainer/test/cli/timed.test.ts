import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fold, key, normals } from '@impflow/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { compiled, csv, impflow, json, start, temporary, within } from './harness.ts';

const folder = temporary();
const at = (name: string): string => join(folder, name);

/**
 * The table has three columns: a skewed column, a column that depends on it, and a column with heavy tails. Gaussian
 * mixtures of any size fit them poorly.
 */
const rows = Array.from(normals(key(1), 1200), (z, i) => [
  Math.exp(6 * z),
  normals(fold(key(2), i), 1)[0]! + z,
  normals(fold(key(3), i), 1)[0]! ** 9,
]);

interface Run {
  readonly droppedSteps?: number;
  readonly start?: { readonly nats: number };
  readonly steps: number;
  readonly seconds: number;
  readonly heldOut: { readonly nats: number };
  /** Test losses of simpler densities. */
  readonly rivals: readonly { readonly name: string; readonly nats: number }[];
}
interface Config {
  readonly options: {
    readonly seconds?: number;
    readonly steps: number;
    readonly patience: number;
    readonly validateEvery: number;
    readonly base?: string;
    readonly scaling?: string;
    readonly model: string;
  };
  readonly spec: {
    readonly flow: { readonly blocks: readonly { readonly kind: string }[]; readonly base: { readonly name: string } };
  };
}

/** Returns the Gaussian mixture of standardized columns. */
const mixtureIn = ({ rivals }: Run): Run['rivals'][number] =>
  rivals.find(({ name }) => name.startsWith('Gaussian mixture'))!;

const configOf = (run: string): Config => JSON.parse(readFileSync(join(run, 'config.json'), 'utf8')) as Config;

beforeAll(() => {
  compiled();
  csv(at('rows.csv'), 'a,b,c', rows);
});

describe('a run of a table with `--seconds`', () => {
  it('a timed training chooses the scaling whose mixture fits best, and keeps the flow, which is better than the mixture', async () => {
    const outcome = await within(
      'train',
      '--data',
      at('rows.csv'),
      '--seconds',
      '15',
      '--blocks',
      '2',
      '--hidden',
      '16',
      '--workers',
      '1',
      '--out',
      at('open'),
      '--json',
    );
    const run = json<Run>(outcome);
    for (const words of ['standardized columns', 'whitened columns', 'columns by quantiles']) {
      expect(outcome.stderr).toMatch(
        new RegExp(`Fitted mixture, ${words}: loss -?[\\d.,]+ on 1,080 rows by five folds\\.`),
      );
    }
    expect(outcome.stderr).toMatch(
      /On the validation rows, the loss of the trained flow is -?[\d.,]+, (lower|higher) by \S+ ± \S+ than the loss of the Gaussian mixture, .*, -?[\d.,]+[.:]/,
    );
    const { options, spec } = configOf(at('open'));
    // The last remark without "Not taken" names the chosen scaling.
    const taken = [
      ...outcome.stderr.matchAll(/^Fitted mixture, (.+): loss \S+ on 1,080 rows by five folds\.(?! Not taken)/gm),
    ].at(-1)![1]!;
    expect(['columns by quantiles', 'standardized columns, mapped']).toContain(taken);
    const isMapped = taken.endsWith('mapped');
    expect(options).toMatchObject({ seconds: 15, steps: run.steps, scaling: isMapped ? 'standard' : 'quantiles' });
    expect(spec.flow.blocks[0]!.kind).toBe(isMapped ? 'columnMaps' : 'quantileMap');
    expect(run.heldOut.nats).toBeLessThan(mixtureIn(run).nats - 1);
    expect(run.seconds).toBeLessThan(60);
    // `score` and `sample` use the chosen model.
    const scored = json<{ readonly rows: number }>(await within('score', at('open'), at('rows.csv'), '--json'));
    expect(scored.rows).toBe(1200);
    const { samples } = json<{ readonly samples: readonly object[] }>(
      await within('sample', at('open'), '-n', '50', '--json'),
    );
    expect(samples.every((row) => Object.values(row).every(Number.isFinite))).toBe(true);
  });

  it('a timed training starts again, from the Gaussian mixture, if its first flow is not better than the mixture', async () => {
    // The table has two clusters, which a mixture of two components describes exactly.
    csv(
      at('clusters.csv'),
      'a,b',
      Array.from(normals(key(4), 300), (z, i) => [z + (i % 2 === 0 ? 9 : -9), normals(fold(key(5), i), 1)[0]!]),
    );
    const outcome = await within(
      'train',
      '--data',
      at('clusters.csv'),
      '--seconds',
      '4',
      '--blocks',
      '1',
      '--hidden',
      '4',
      '--workers',
      '1',
      '--out',
      at('mixture'),
      '--json',
    );
    expect(outcome.stderr).toMatch(/: the training starts again from the mixture\./);
    const { options, spec } = configOf(at('mixture'));
    expect([options.base, spec.flow.base.name]).toEqual(['fitted', 'mixture']);
    const run = json<Run>(outcome);
    expect(run.heldOut.nats).toBeLessThan(mixtureIn(run).nats + 0.05);
    // The report says what `curves.png` shows beside the metrics: the dropped training, and the loss of the mixture.
    expect(run.droppedSteps).toBeGreaterThan(0);
    const [, mixtureLoss] =
      / than the loss of the .*, ([\d.]+)(?:\.|:) .*the training starts again from the mixture/.exec(outcome.stderr)!;
    expect(run.start!.nats).toBeCloseTo(Number(mixtureLoss), 2);
    // The metrics belong to the final training.
    const steps = readFileSync(join(at('mixture'), 'metrics.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { readonly step: number }).step);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
    expect(Math.max(...steps)).toBe(run.steps);
  });

  it.each([
    [
      ['--base', 'normal', '--scaling', 'whitened', '--transform', 'none', '--model', 'residual'],
      { base: 'normal', scaling: 'whitened', model: 'residual' },
      'whiten',
    ],
    [
      ['--base', 'normal', '--scaling', 'standard', '--transform', 'none', '--model', 'implicit'],
      { base: 'normal', scaling: 'standard', model: 'implicit' },
      'implicit',
    ],
  ] as const)('a timed training fits no mixture first if every choice is given: %s', async (options, chosen, kind) => {
    const outcome = await within(
      'train',
      '--data',
      at('rows.csv'),
      '--seconds',
      '2',
      '--blocks',
      '1',
      '--hidden',
      '8',
      '--workers',
      '1',
      ...options,
      '--out',
      at(chosen.scaling),
      '--json',
    );
    expect(outcome.stderr).not.toMatch(/Fitted mixture/);
    const { options: taken, spec } = configOf(at(chosen.scaling));
    expect(taken).toMatchObject(chosen);
    expect(spec.flow.blocks[1]!.kind).toBe(kind);
  });

  it('a timed training can be resumed after an interruption, with a number of steps', async () => {
    const run = start(
      'train',
      '--data',
      at('rows.csv'),
      '--seconds',
      '60',
      '--base',
      'normal',
      '--scaling',
      'standard',
      '--model',
      'implicit',
      '--blocks',
      '1',
      '--hidden',
      '8',
      '--workers',
      '1',
      '--out',
      at('torn'),
    );
    await expect
      .poll(
        () =>
          existsSync(join(at('torn'), 'metrics.jsonl')) &&
          readFileSync(join(at('torn'), 'metrics.jsonl'), 'utf8').includes('validation'),
        { timeout: 30_000 },
      )
      .toBe(true);
    run.kill('SIGINT');
    const stopped = await run.exited;
    expect(stopped.code).toBe(130);
    const reached = Number(/Interrupted after step (\d+)/.exec(stopped.stderr)![1]);
    const more = await within('train', '--resume', '--out', at('torn'), '--steps', String(reached + 5), '--json');
    expect(json<Run>(more).steps).toBe(reached + 5);
  });

  it('the interval of validations and the patience follow from the number of rows if `--steps` is given', async () => {
    await within(
      'train',
      '--data',
      at('rows.csv'),
      '--steps',
      '3',
      '--blocks',
      '1',
      '--hidden',
      '8',
      '--workers',
      '1',
      '--quiet',
      '--out',
      at('steps'),
    );
    const { options } = configOf(at('steps'));
    expect(options).toMatchObject({ steps: 3, validateEvery: 5, patience: 20 });
    expect(options.seconds).toBeUndefined();
  });

  it.each([
    [['--data', 'rows.csv', '--seconds', '5', '--steps', '5'], /--seconds and --steps contradict each other/],
    [['--data', 'rows.csv', '--seconds', '0'], /Wrong value of --seconds: expected a number above 0, got "0"/],
    [
      ['--data', 'moons', '--scaling', 'whitened', '--steps', '5'],
      /--scaling does not apply to rows that are drawn from a density/,
    ],
    [['--data', 'rows.csv', '--scaling', 'quantile', '--steps', '5'], /Did you mean "?quantiles/],
    [
      ['--data', 'rows.csv', '--net', 'sandwich', '--activation', 'sin', '--steps', '5'],
      /The activation sin does not fit a sandwich net: expected slopes in \[0, 1\]/,
    ],
  ] as const)('`train` refuses %s', async (options, words) => {
    const outcome = await impflow(
      'train',
      ...options.map((option) => (option === 'rows.csv' ? at(option) : option)),
      '--out',
      at('none'),
    );
    expect([outcome.code, outcome.stderr]).toEqual([2, expect.stringMatching(words)]);
  });
});
