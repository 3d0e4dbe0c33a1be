// The jobs of the study, and its records as they are read for the page.
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

it('each contender is measured on its kinds of data, seed by seed', () => {
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
  expect(jobsOf({ sources, contenders, seeds: [0, 1] }).map(({ job }) => job)).toEqual([...of(0), ...of(1)]);
});

it('infinite nats, which JSON writes as null, are infinite again', () => {
  const infinite = record('wine', 'ours', {
    heldOut: { nats: Infinity, standardError: Infinity, rows: 20, impossible: 1 },
  });
  const finite = record('rings', 'mixture');
  expect(checked(JSON.parse(JSON.stringify([infinite, finite])))).toEqual([infinite, finite]);
});

it('records of one data set and seed must be of the same rows', () => {
  expect(() => checked([record('wine', 'mixture'), record('wine', 'ours', { split: 'another' })])).toThrow(
    'Records of wine, seed 0 are of different rows: expected one split, got other rows for mixture and ours.',
  );
});
