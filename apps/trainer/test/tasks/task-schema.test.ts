import { describe, expect, test } from 'vitest';
import { placesOf, readTask } from '../../src/tasks/task-schema.ts';
import type { SampleTask, ScoreTask } from '../../src/tasks/task.ts';

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

describe('readTask', () => {
  test.each([sample, score])('takes a task of $kind', (task) => {
    expect(readTask(JSON.parse(JSON.stringify(task)))).toEqual(task);
  });

  test.each([
    ['another kind', { ...sample, kind: 'shell' }, /kind: expected one of score, sample/],
    ['a name of a prototype', { ...sample, kind: 'toString' }, /kind/],
    ['no task', 'rm -rf /', /kind/],
    ['a command beside', { ...sample, plugin: ['evil'] }, /plugin/],
    ['a command in a part', { ...score, part: { ...score.part, module: 'evil' } }, /module/],
    ['no checkpoint', { ...sample, checkpoint: 'latest' }, /checkpoint/],
    ['a list as path', { ...score, run: ['/runs'] }, /run/],
    ['too many rows', { ...sample, count: 1e9 }, /count/],
    ['negative rows', { ...score, part: { ...score.part, from: -1 } }, /from/],
    ['nested conditions', { ...sample, given: { x: { y: 1 } } }, /given/],
  ])('refuses %s', (_, task, message) => {
    expect(() => readTask(task)).toThrow(message);
  });

  test('names all places of a task', () => {
    expect(placesOf(score)).toEqual(['/runs/moons', '/out/part-00000.csv', '/data/a.parquet']);
    expect(placesOf(sample)).toEqual(['/runs/moons', '/out/part-00000.csv']);
  });
});
