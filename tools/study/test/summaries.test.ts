// Tests the tables of README.md and docs/study.md that show where a flow wins, and where its seconds go.
import { expect, it } from 'vitest';
import { studyTexts } from '../page.mjs';
import { densitiesTable } from '../summaries.mjs';

const common = {
  budget: 60,
  processorSeconds: 60,
  columns: 2,
  logScale: 0,
  rows: { train: 1800, validation: 100, test: 100 },
  machine: { cpu: 'Processor', cores: 2, memoryGiB: 8 },
  versions: { node: '20.0.0' },
  date: '2026-01-01',
};
/** Returns a record whose scores are not stored, so that it has no paired standard errors. */
const measured = (data: string, contender: string, seed: number, nats: number, details: object = {}) => ({
  ...common,
  data,
  contender,
  seed,
  split: `rows ${seed}`,
  heldOut: { nats, standardError: 0.1 },
  details,
});

it('the table of README.md counts the trainings that a flow won, and marks no lead without its standard error', () => {
  const table = densitiesTable([
    measured('flights', 'default', 1, 14.5, { won: 'implicit flow' }),
    measured('flights', 'default', 2, 14.7, {
      won: 'Gaussian mixture, 8 full components; the flow did not improve it',
    }),
    measured('flights', 'nsf', 1, 15),
    measured('rings', 'default', 1, 2.6),
  ]);
  expect(table.split('\n').slice(2)).toEqual(['| flights (2,000, 2) | 14.600 | 15.000 | – | – | 1 of 2 |']);
});

it('the seconds of the stages add up to the total, and rows per second stand beside those of `nsf`', () => {
  const records = [
    measured('flights', 'default', 1, 14, {
      time: { reading: 1, choices: 10, training: 45, validation: 3, evaluation: 4, total: 60 },
      stepSeconds: 40,
      rowsPerSecond: 10_000,
    }),
    measured('flights', 'nsf', 1, 15, { rowsPerSecond: 30_000 }),
  ];
  const { seconds } = studyTexts({
    records,
    contenders: { default: { title: 'ours' }, nsf: { title: 'spline flow' } },
    sources: { flights: { kind: 'density' } },
    comparisons: { flights: { best: 'default', against: {}, ours: {}, pairs: {} } },
  });
  expect(seconds?.split('\n').at(-1)).toBe(
    '| flights | 11.0 | 40.0 | 3.0 | 2.0 | 4.0 | 60.0 | 67 % | 10,000 | 30,000 |',
  );
});
