import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { key, normals } from '@impflow/core';
import { imagePreset, tabularPreset, toyPreset } from '@impflow/flows';
import { loadCheckpoint, type StepMetrics } from '@impflow/training';
import { beforeAll, describe, expect, it } from 'vitest';
import { workersFor } from '../../src/backends/workers.ts';
import { compiled, csv, fixture, impflow, json, start, temporary, until, within } from './harness.ts';

const folder = temporary();
const at = (name: string): string => join(folder, name);
const TINY = ['--data', at('rows.csv'), '--hidden', '8', '--blocks', '1', '--batch', '25', '--quiet'];
const metricsOf = (run: string): string => readFileSync(join(at(run), 'metrics.jsonl'), 'utf8');
const stepsOf = (run: string): readonly StepMetrics[] =>
  metricsOf(run)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as StepMetrics);
const weightsOf = async (run: string): Promise<object> =>
  (await loadCheckpoint(join(at(run), 'checkpoint.safetensors'))).tensors;

beforeAll(() => {
  compiled();
  const noise = normals(key(5), 400);
  csv(
    at('rows.csv'),
    'a,b',
    Array.from({ length: 200 }, (_, i) => [noise[2 * i]!, noise[2 * i + 1]! ** 2]),
  );
});

describe('the gradient of a batch of 101 rows', () => {
  const small = { blocks: 2, hidden: [16, 16] };
  const specs = {
    'an implicit flow, exact': toyPreset(small),
    'an implicit flow, roulette': tabularPreset({
      ...small,
      dim: 3,
      logDet: { name: 'roulette' },
      solver: { name: 'broyden' },
    }),
    'an implicit flow, series': toyPreset({
      ...small,
      logDet: { name: 'series', options: { terms: 4, probe: 'gaussian', probes: 2 } },
    }),
    'an implicit flow of images': imagePreset({ shape: [4, 4, 1], scales: 2, blocks: 1, hidden: [4], factorOut: true }),
    'a residual flow, roulette': toyPreset({ ...small, model: 'residual', logDet: { name: 'roulette' } }),
  };

  it('the gradients that 1, 2 and 3 workers compute differ only by rounding', () => {
    const printed = execFileSync(process.execPath, [fixture('gradients.mjs')], {
      input: JSON.stringify(Object.values(specs)),
      encoding: 'utf8',
    });
    const differences = JSON.parse(printed) as readonly (readonly number[])[];
    Object.keys(specs).forEach((name, i) => {
      expect(differences[i]).toHaveLength(2);
      expect(Math.max(...differences[i]!), name).toBeLessThan(1e-6);
    });
  });
});

describe('a run of several workers', () => {
  it('a run of three workers that is killed and resumed has the bits of an uninterrupted run, and differs from one worker by rounding', async () => {
    // The optimizer is SGD, because Adam would amplify the rounding error of a zero gradient to a whole step.
    const options = [
      ...TINY,
      '--steps',
      '30',
      '--validate-every',
      '5',
      '--ema',
      '0.9',
      '--clip',
      '1',
      '--logdet',
      'roulette',
      '--optimizer',
      'sgd',
      '--lr',
      '0.01',
    ];
    const whole = json(await impflow('train', ...options, '--workers', '3', '--out', at('whole'), '--json'));
    expect(whole['workers']).toBe(3);
    const running = start('train', ...options, '--workers', '3', '--out', at('torn'));
    await until(() => existsSync(join(at('torn'), 'metrics.jsonl')) && metricsOf('torn').length > 0);
    running.kill('SIGKILL');
    await running.exited;
    const resumed = json(await impflow('train', '--resume', '--out', at('torn'), '--json', '--quiet'));
    expect(resumed['workers']).toBe(3);
    expect(metricsOf('torn')).toBe(metricsOf('whole'));
    expect(await weightsOf('torn')).toEqual(await weightsOf('whole'));

    expect(json(await impflow('train', ...options, '--workers', '1', '--out', at('alone'), '--json'))['workers']).toBe(
      1,
    );
    const alone = stepsOf('alone');
    stepsOf('whole').forEach(({ loss, rows, solves }, i) => {
      expect([rows, solves?.forward?.solves]).toEqual([25, 1]);
      expect(Math.abs(loss - alone[i]!.loss)).toBeLessThan(1e-5);
    });
    // A resumed run may have another number of workers, which is then stored.
    const { code, stderr } = await impflow(
      'train',
      '--resume',
      '--out',
      at('alone'),
      '--steps',
      '32',
      '--workers',
      '2',
    );
    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining('The run had 1 workers. With 2 the last digits of the results differ.'),
    ]);
    expect(JSON.parse(readFileSync(join(at('alone'), 'config.json'), 'utf8'))).toMatchObject({
      options: { workers: 2 },
    });
  });

  it('a run whose worker dies ends with an error that names the worker, and can be resumed from its checkpoint', async () => {
    const options = [
      ...TINY,
      '--plugin',
      fixture('mortal.mjs'),
      '--activation',
      'mortal',
      '--steps',
      '20',
      '--validate-every',
      '2',
      '--workers',
      '2',
    ];
    process.env['MORTAL'] = '30';
    const dead = await impflow('train', ...options, '--out', at('dead'));
    delete process.env['MORTAL'];
    expect(dead.stderr).toContain(
      '[training/dataParallel] Worker 2 of 2 is gone: expected an answer, got exit code 9.',
    );
    expect(dead.stderr).toContain('--resume');
    expect(dead.code).toBe(1);
    const { step } = await loadCheckpoint(join(at('dead'), 'checkpoint.safetensors'));
    expect(step).toBeLessThan(20);
    const [resumed, straight] = await Promise.all([
      impflow('train', '--resume', '--out', at('dead'), '--plugin', fixture('mortal.mjs'), '--quiet', '--json'),
      impflow('train', ...options, '--out', at('alive'), '--json'),
    ]);
    expect([json(resumed)['steps'], json(straight)['steps']]).toEqual([20, 20]);
    expect(metricsOf('dead')).toBe(metricsOf('alive'));
  });
});

describe('`--workers`', () => {
  it('`--workers auto` starts one worker per core, but at most one per 100 rows of two numbers', () => {
    expect(workersFor('auto', { batch: 50, dim: 2 })).toBe(1);
    expect(workersFor(undefined, { batch: 250, dim: 2 })).toBe(Math.min(2, availableParallelism()));
    expect(workersFor('auto', { batch: 1e6, dim: 2 })).toBe(availableParallelism());
    expect(workersFor(7, { batch: 50, dim: 2 })).toBe(7);
  });

  it.each([
    [['--workers', '0'], 'a whole number from 1 to 256, auto, mpi or mpi:<n>'],
    [['--workers', 'many'], 'a whole number from 1 to 256, auto, mpi or mpi:<n>'],
    [['--workers', '26'], 'expected --workers of at most 25 (--batch), got 26'],
  ])('`train` refuses %j', async (options, message) => {
    const { code, stderr } = await within('train', ...TINY, ...options, '--out', at('refused'));
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
    expect(existsSync(at('refused'))).toBe(false);
  });
});
