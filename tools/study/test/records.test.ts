// An interrupted study continues: measurements with a record are not repeated.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { allRecords, hasRecord, jobsOf, keepRecord, titleOf } from '../records.mjs';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'impflow-study-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const record = (data: string, contender: string, seed = 0, more: object = {}) => ({
  data,
  contender,
  seed,
  split: `${data} ${seed}`,
  heldOut: { nats: 1.5, standardError: 0.1, rows: 20, impossible: 0 },
  ...more,
});
const sources = { wine: { kind: 'density' }, rings: { kind: 'toy' }, strange: { kind: 'anomalies' } };
const contenders = {
  ours: { kinds: ['density', 'toy', 'anomalies'] },
  mixture: { kinds: ['density', 'toy'] },
  forest: { kinds: ['anomalies'] },
  truth: { kinds: ['toy'], fits: () => false },
};
const titles = (wish: Partial<Parameters<typeof jobsOf>[0]> = {}): readonly string[] =>
  jobsOf({ sources, contenders, seeds: [0], folder, ...wish }).map((job) => `${titleOf(job)} ${job.seed}`);

it('each contender is measured on its kinds of data, seed by seed', () => {
  expect(titles()).toEqual([
    'wine/ours 0',
    'wine/mixture 0',
    'rings/ours 0',
    'rings/mixture 0',
    'strange/ours 0',
    'strange/forest 0',
  ]);
  expect(titles({ seeds: [0, 1] }).slice(6)).toEqual(titles({ seeds: [1] }));
});

it('words select measurements by data or contender', () => {
  expect(titles({ only: ['wine'] })).toEqual(['wine/ours 0', 'wine/mixture 0']);
  expect(titles({ only: ['forest', 'rings/m'] })).toEqual(['rings/mixture 0', 'strange/forest 0']);
  expect(titles({ only: ['nothing'] })).toEqual([]);
});

it('measurements with a record are left out, unless they are asked for again', () => {
  keepRecord(record('wine', 'ours'), folder);
  expect(hasRecord({ data: 'wine', contender: 'ours', seed: 0 }, folder)).toBe(true);
  expect(titles({ only: ['wine'], seeds: [0, 1] })).toEqual(['wine/mixture 0', 'wine/ours 1', 'wine/mixture 1']);
  expect(titles({ only: ['wine/ours'], again: true })).toEqual(['wine/ours 0']);
});

it('records are read back unchanged, infinite nats too', () => {
  const [finite, infinite] = [
    record('rings', 'mixture', 1),
    record('wine', 'ours', 0, { heldOut: { nats: Infinity, standardError: Infinity, rows: 20, impossible: 1 } }),
  ];
  expect(allRecords(folder)).toEqual([]);
  for (const each of [infinite, finite]) keepRecord(each, folder);
  expect(allRecords(folder)).toEqual([finite, infinite]);
});

it('records of one data set and seed must be of the same rows', () => {
  keepRecord(record('wine', 'mixture'), folder);
  keepRecord(record('wine', 'ours', 0, { split: 'another' }), folder);
  expect(() => allRecords(folder)).toThrow(
    'Records of wine, seed 0 are of different rows: expected one split, got those of mixture and ours.',
  );
});
