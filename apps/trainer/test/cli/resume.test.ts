import { cpSync, existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { key, normals, uniforms } from '@impflow/core';
import { loadCheckpoint } from '@impflow/training';
import { beforeAll, describe, expect, it } from 'vitest';
import { compiled, csv, impflow, json, pause, start, temporary, until } from './harness.ts';

const folder = temporary();
const at = (name: string): string => join(folder, name);
const TINY = ['--data', at('rows.csv'), '--hidden', '8', '--blocks', '1', '--batch', '20', '--quiet'];
const metricsOf = (run: string): string => readFileSync(join(at(run), 'metrics.jsonl'), 'utf8');
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

describe('a resumed run', () => {
  it.each(['wasm', 'cpu'])('on the backend %s, a resumed run has the bits of an uninterrupted run', async (backend) => {
    const options = [
      ...TINY,
      '--steps',
      '40',
      '--validate-every',
      '5',
      '--ema',
      '0.9',
      '--clip',
      '1',
      '--schedule',
      'cosine',
      '--warmup',
      '4',
      '--backend',
      backend,
    ];
    const [whole, torn] = [`whole-${backend}`, `torn-${backend}`];
    const straight = impflow('train', ...options, '--out', at(whole), '--json');
    const running = start('train', ...options, '--out', at(torn));
    await until(() => existsSync(join(at(torn), 'metrics.jsonl')) && metricsOf(torn).length > 0);
    await pause(60);
    running.kill('SIGKILL');
    await running.exited;
    // The resumed run reads all options from the checkpoint.
    const resumed = json(await impflow('train', '--resume', '--out', at(torn), '--json', '--quiet'));
    const reference = json(await straight);
    expect(metricsOf(torn)).toBe(metricsOf(whole));
    expect(metricsOf(torn).split('\n')).toHaveLength(41);
    expect(await weightsOf(torn)).toEqual(await weightsOf(whole));
    for (const name of ['steps', 'bestStep', 'heldOut', 'roundTrip']) expect(resumed[name]).toEqual(reference[name]);
  });

  it('an interrupted training ends after its step, is saved, exits with 130, and can be extended', async () => {
    const options = [...TINY.filter((option) => option !== '--quiet'), '--validate-every', '10'];
    const straight = impflow('train', ...options, '--steps', '60', '--out', at('sixty'), '--quiet', '--json');
    const running = start(
      'train',
      ...options,
      '--steps',
      '100000',
      '--patience',
      '100000',
      '--out',
      at('stopped'),
      '--json',
    );
    await until(() => existsSync(join(at('stopped'), 'metrics.jsonl')) && metricsOf('stopped').length > 0);
    running.kill('SIGINT');
    const { code, stdout, stderr } = await running.exited;
    const { steps, interrupted, run } = JSON.parse(stdout) as { steps: number; interrupted: boolean; run: string };
    expect([code, interrupted, run]).toEqual([130, true, at('stopped')]);
    expect(stderr).toContain(
      `Interrupted after step ${steps}; saved to ${at('stopped')}. Continue with: impflow train --resume --out ${at('stopped')}`,
    );
    expect(metricsOf('stopped').trimEnd().split('\n')).toHaveLength(steps);
    // The stopped run and an uninterrupted run are extended to the same length and compared. The metrics of the earlier
    // steps keep their bytes.
    const length = 10 * Math.ceil(Math.max(steps, 60) / 10) + 20;
    await straight;
    const [first, second] = await Promise.all([
      impflow('train', '--resume', '--out', at('stopped'), '--steps', String(length), '--quiet', '--json'),
      impflow('train', '--resume', '--out', at('sixty'), '--steps', String(length), '--quiet', '--json'),
    ]);
    expect([json(first)['steps'], json(second)['steps']]).toEqual([length, length]);
    expect(metricsOf('stopped')).toBe(metricsOf('sixty'));
    expect(await weightsOf('stopped')).toEqual(await weightsOf('sixty'));
  });

  it('a run that was paused, even at a validation, has the same bits as a run that was not paused', async () => {
    const options = [...TINY, '--steps', '30', '--validate-every', '4', '--schedule', 'cosine', '--ema', '0.9'];
    const straight = impflow('train', ...options, '--out', at('unpaused'), '--json');
    const first = json<{ steps: number; paused: boolean; best: { step: number } }>(
      await impflow('train', ...options, '--until', '10', '--out', at('paused'), '--json'),
    );
    expect([first.steps, first.paused, first.best.step]).toEqual([10, true, expect.toSatisfy((n: number) => n <= 8)]);
    expect(existsSync(join(at('paused'), 'density.png'))).toBe(false);
    const resume = ['train', '--resume', '--out', at('paused')];
    expect((await impflow(...resume, '--until', '16')).stdout).toContain('Paused after step 16 of 30');
    expect((await impflow(...resume, '--until', '16', '--json')).stdout).toContain('"steps":16');
    // 160 training rows in batches of 20 are eight steps per epoch.
    cpSync(at('paused'), at('longer'), { recursive: true });
    const later = await impflow('train', '--resume', '--out', at('longer'), '--epochs', '5', '--until', '31');
    expect(later.stdout).toContain('Paused after step 31 of 40');
    const resumed = json(await impflow(...resume, '--json', '--quiet'));
    const reference = json(await straight);
    expect(metricsOf('paused')).toBe(metricsOf('unpaused'));
    expect(await weightsOf('paused')).toEqual(await weightsOf('unpaused'));
    for (const name of ['steps', 'bestStep', 'heldOut', 'roundTrip']) expect(resumed[name]).toEqual(reference[name]);
    for (const wrong of [
      [...resume, '--until', '31'],
      ['train', ...TINY, '--until', '5', '--out', at('timed')],
      ['train', ...TINY, '--steps', '4', '--until', '5', '--out', at('timed')],
    ]) {
      const { code, stderr } = await impflow(...wrong);
      expect([code, stderr]).toEqual([2, expect.stringContaining('--until')]);
    }
    expect(existsSync(at('timed'))).toBe(false);
  });

  it('a resumed run that is extended keeps its original schedule, and prints a note', async () => {
    const options = [...TINY, '--steps', '10', '--schedule', 'cosine', '--lr', '0.01'];
    await impflow('train', ...options, '--out', at('cosine'));
    const before = metricsOf('cosine');
    const { code, stderr } = await impflow('train', '--resume', '--out', at('cosine'), '--steps', '14');
    expect(code).toBe(0);
    expect(stderr).toContain('planned for 10 steps');
    const lines = metricsOf('cosine').trimEnd().split('\n');
    expect(`${lines.slice(0, 10).join('\n')}\n`).toBe(before);
    const rates = lines.slice(10).map((line) => (JSON.parse(line) as { learningRate: number }).learningRate);
    for (const rate of rates) expect(rate).toBeCloseTo(1e-4, 12);
  });

  it('a run has a readable checkpoint after each of twenty kills at random times', async () => {
    const waits = uniforms(key(7), 20);
    const checkpoint = join(at('killed'), 'checkpoint.safetensors');
    const done: number[] = [];
    for (const [i, wait] of waits.entries()) {
      // Every save replaces the checkpoint file.
      const file = (): number => (existsSync(checkpoint) ? statSync(checkpoint).ino : 0);
      const old = file();
      const running = start(
        'train',
        ...(i === 0
          ? [...TINY, '--steps', '100000', '--patience', '100000', '--validate-every', '1']
          : ['--resume', '--quiet']),
        '--out',
        at('killed'),
      );
      const before = done.at(-1) ?? 0;
      await until(() => file() !== old);
      await pause(120 * wait);
      running.kill('SIGKILL');
      await running.exited;
      const { step, training, tensors } = await loadCheckpoint(checkpoint);
      expect(training?.step).toBe(step);
      expect(Object.keys(tensors).length).toBeGreaterThan(10);
      expect(step).toBeGreaterThanOrEqual(before);
      // Every step up to the checkpoint has a line in the metrics.
      expect(metricsOf('killed').split('\n').length - 1).toBeGreaterThanOrEqual(step);
      done.push(step);
    }
    expect(done.at(-1)!).toBeGreaterThan(20);
    const { code } = await impflow('evaluate', at('killed'), '--json');
    expect(code).toBe(0);
  }, 120_000);
});
