import { describe, expect, test } from 'vitest';
import { placesOf, readTask } from '../src/tasks/read-task.ts';
import type { SampleTask, ScoreTask, TrainTask } from '../src/tasks/task.ts';

const checkpoint = 'a'.repeat(64);
const sample: SampleTask = {
  kind: 'sample',
  run: '/runs/moons',
  checkpoint,
  job: 'a',
  out: '/out/part-00000.csv',
  first: 0,
  count: 10,
  seed: 0,
  temperature: 1,
  given: { x: 1, y: 'A' },
};
const score: ScoreTask = {
  kind: 'score',
  run: '/runs/moons',
  checkpoint,
  job: 'a',
  out: '/out/part-00000.csv',
  part: { file: '/data/a.parquet', kind: 'parquet', from: 0, to: 10, rows: 10, size: 100 },
  columns: ['x', 'y'],
  alarm: 0.01,
};

const train: TrainTask = {
  kind: 'train',
  folder: '/sweeps/a/trial-001',
  steps: 10,
  place: { data: '/data/a.csv', test: 'moons' },
  options: { lr: 0.01, hidden: [8, 8], solver: 'anderson:{"memory":8}', flip: true },
  evaluate: true,
};

describe('`readTask`', () => {
  const reading = { names: ['x'], keeps: ['written'] } as const;
  const lines: ScoreTask = {
    ...score,
    part: { ...score.part, file: '/data/a.jsonl.gz', kind: 'jsonl', line: 1, reading },
  };
  test.each([sample, score, lines, train])('`readTask` accepts a task of the kind $kind', (task) => {
    expect(readTask(JSON.parse(JSON.stringify(task)))).toEqual(task);
  });

  test.each([
    ['another kind', { ...sample, kind: 'shell' }, /kind: expected one of score, sample/],
    ['a kind that is a name of Object.prototype', { ...sample, kind: 'toString' }, /kind/],
    ['no task', 'rm -rf /', /kind/],
    ['a command beside', { ...sample, plugin: ['evil'] }, /plugin/],
    ['a command in a part', { ...score, part: { ...score.part, module: 'evil' } }, /module/],
    ['no checkpoint', { ...sample, checkpoint: 'latest' }, /checkpoint/],
    ['a list as path', { ...score, run: ['/runs'] }, /run/],
    ['too many rows', { ...sample, count: 1e9 }, /count/],
    ['negative rows', { ...score, part: { ...score.part, from: -1 } }, /from/],
    ['another place to write', { ...train, options: { out: 'elsewhere' } }, /options, name.*"out"/],
    ['a module', { ...train, options: { plugin: './x.mjs' } }, /"plugin"/],
    ['a value of another type', { ...train, options: { lr: {} } }, /options\.lr/],
    ['a value out of range', { ...train, options: { lr: -1 } }, /options\.lr: expected a number above 0/],
    [
      'a method as an object',
      { ...train, options: { solver: { name: 'newton' } } },
      /options\.solver: expected a string/,
    ],
    ['a length in seconds', { ...train, options: { seconds: 60 } }, /"seconds"/],
    ['no steps', { ...train, steps: 0 }, /steps/],
    ['no data', { ...train, place: {} }, /place\.data/],
    ['nested conditions', { ...sample, given: { x: { y: 1 } } }, /given/],
  ])('`readTask` refuses %s', (_, task, message) => {
    expect(() => readTask(task)).toThrow(message);
  });

  test('`placesOf` returns all paths and addresses of a task', () => {
    expect(placesOf(score)).toEqual(['/runs/moons', '/out/part-00000.csv', '/data/a.parquet']);
    expect(placesOf(sample)).toEqual(['/runs/moons', '/out/part-00000.csv']);
    expect(placesOf(train)).toEqual(['/sweeps/a/trial-001', '/data/a.csv', 'moons']);
    expect(placesOf(train, (data) => data === 'moons')).toEqual(['/sweeps/a/trial-001', '/data/a.csv']);
  });
});
