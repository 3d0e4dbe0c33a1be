// Tests the list of jobs of the study, and how its records are read.
import { expect, it } from 'vitest';
import { checkedRecords, jobsOf } from '../records.mjs';

const record = (data: string, contender: string, more: object = {}) => ({
  data,
  contender,
  seed: 0,
  split: data,
  heldOut: { nats: 1.5, standardError: 0.1, rows: 20, impossible: 0 },
  ...more,
});
const checked = (records: readonly object[]) => checkedRecords(records as Parameters<typeof checkedRecords>[0]);

it('the jobs measure each contender on its kinds of data, seed by seed', () => {
  const sources = { wine: { kind: 'density' }, rings: { kind: 'toy' }, strange: { kind: 'anomalies' } };
  const contenders = {
    ours: { kinds: ['density', 'toy', 'anomalies'] },
    mixture: { kinds: ['density', 'toy'] },
    forest: { kinds: ['anomalies'] },
    truth: { kinds: ['toy'], fits: () => false },
  };
  const of = (seed: number) => [
    `wine/ours ${seed}`,
    `wine/mixture ${seed}`,
    `rings/ours ${seed}`,
    `rings/mixture ${seed}`,
    `strange/ours ${seed}`,
    `strange/forest ${seed}`,
  ];
  const jobs = (seeds: readonly number[], budgets: readonly number[]) =>
    jobsOf({ sources, contenders, seeds, budgets }).map(({ job }) => job);
  expect(jobs([0, 1], [60])).toEqual([...of(0), ...of(1)]);
  expect(jobs([0], [60, 600])).toEqual([...of(0), ...of(0).map((job) => `${job} 600 s`)]);
});

it('infinite nats, which JSON stores as null, are infinite after reading', () => {
  const infinite = record('wine', 'ours', {
    heldOut: { nats: Infinity, standardError: Infinity, rows: 20, impossible: 1 },
  });
  const finite = record('rings', 'mixture');
  expect(checked(JSON.parse(JSON.stringify([infinite, finite])))).toEqual([infinite, finite]);
});

it('records of one data set and seed are refused if they were measured on different rows', () => {
  expect(() => checked([record('wine', 'mixture'), record('wine', 'ours', { split: 'another' })])).toThrow(
    'Records of wine, seed 0 are of different rows: expected one split, got other rows for mixture and ours.',
  );
});
