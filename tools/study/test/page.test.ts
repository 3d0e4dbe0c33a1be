// Tests the tables that are computed from scores and records: the best contender, and the contenders within one paired
// standard error of the best.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { bestOf, compared } from '../compare.mjs';
import { studyTexts } from '../page.mjs';
import { heldOut, ranking } from '../statistics.mjs';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'impflow-study-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

interface Job {
  readonly data: string;
  readonly contender: string;
  readonly seed: number;
}
const scoresFile = ({ data, contender, seed }: Job): string => join(folder, `${data}-${contender}-${seed}.txt`);
const common = {
  budget: 60,
  parameters: 12,
  processorSeconds: 61.2,
  columns: 2,
  logScale: 1.234,
  rows: { train: 8, validation: 1, test: 4 },
  noise: { a: 1 },
  machine: { cpu: 'Processor', cores: 2, memoryGiB: 8 },
  versions: { node: '20.0.0' },
  date: '2026-01-01',
};
/** Returns a record with these log-densities, and writes them to the file of its scores. */
const measured = (
  data: string,
  contender: string,
  logs: readonly number[],
  { seed = 0, normal }: { readonly seed?: number; readonly normal?: number } = {},
) => {
  const job = { data, contender, seed };
  writeFileSync(scoresFile(job), `${logs.join('\n')}\n`);
  const judged =
    normal === undefined
      ? { heldOut: heldOut(logs) }
      : {
          anomalies: {
            ...ranking(
              logs.map((x) => -x),
              normal,
            ),
            normal,
          },
        };
  return { ...job, split: `rows ${seed}`, ...judged, ...common };
};
const contenders = {
  'implicit-sandwich': { title: 'implicit' },
  'implicit-shallow': { title: 'implicit' },
  'residual-sandwich': { title: 'residual' },
  'residual-shallow': { title: 'residual' },
  ours: { title: 'a flow', options: { model: 'implicit' } },
  mixture: { title: 'a mixture' },
  kde: { title: 'kernels' },
  truth: { title: 'the distribution itself' },
};
const sources = { wine: { kind: 'density' }, rings: { kind: 'density' }, strange: { kind: 'anomalies' } };
type Records = readonly ReturnType<typeof measured>[];
const before = (records: Records) => compared(records, { stored: [], scores: scoresFile });
/** Compares contenders by the stored comparisons, without the scores of the test rows. */
const later = (records: Records, stored: ReturnType<typeof before>['gaps']) =>
  compared(records, { stored, scores: () => join(folder, 'missing.txt') }).comparisons;
const pageOf = (records: Records): string =>
  Object.values(studyTexts({ records, contenders, sources, comparisons: before(records).comparisons })).join('\n');

it('the best contender is bold, and contenders within one paired standard error of the best are marked', () => {
  const page = pageOf([
    measured('wine', 'ours', [-1, -2, -3, -4]),
    // The mixture is worse by 0.05 on average, with differences of some tenths in each row.
    measured('wine', 'mixture', [-1.3, -1.8, -3.3, -3.8]),
    // The kernel density is worse by 0.1 on each row.
    measured('wine', 'kde', [-1.1, -2.1, -3.1, -4.1]),
  ]);
  expect(page).toContain('| data | ours | mixture | kde |');
  expect(page).toContain('| wine | **2.500** | 2.550 ≈ | 2.600 |');
  expect(page).toContain('| wine | ours | – | 0.050 ± 0.144 | 0.100 ± 0.000 |');
  expect(page).toContain('a flow: `model: implicit`');
  expect(page).toContain('| wine | 2 | 8 | 1 | 4 | 1 of 2 | 1.23 |');
});

it('the table has the loss of the true distribution, but never marks it as best', () => {
  const records = [measured('rings', 'ours', [-2, -2, -2, -1]), measured('rings', 'truth', [-1, -1, -1, -1])];
  expect(bestOf(records)).toBe('ours');
  expect(pageOf(records)).toContain('| rings | **1.750** | 1.000 |');
});

it('a contender with fewer seeds is not the best, and shows its number of seeds', () => {
  const records = [
    measured('wine', 'ours', [-2, -2.5]),
    measured('wine', 'ours', [-3, -2.5], { seed: 1 }),
    measured('wine', 'mixture', [-1, -1]),
  ];
  expect(bestOf(records)).toBe('ours');
  expect(pageOf(records)).toContain('| wine | **2.500** | 1.000 (1 of 2 seeds) ≈ |');
});

it('the table shows infinite nats as ∞ and never marks them as close to the best', () => {
  expect(pageOf([measured('wine', 'ours', [-2, -2.5]), measured('wine', 'kde', [-1, -Infinity])])).toContain(
    '| wine | **2.250** | ∞ |',
  );
});

it('if the scores of the test rows are missing, an earlier comparison of the same losses is kept', () => {
  const records = [measured('wine', 'ours', [-1, -2, -3, -4]), measured('wine', 'mixture', [-1.3, -1.8, -3.3, -3.8])];
  const { comparisons, gaps } = before(records);
  expect(later(records, gaps)).toEqual(comparisons);
  const others = records.map((each) => ({ ...each, split: 'other rows' }));
  expect(later(others, gaps)['wine']!.against).toEqual({});
});

it('an earlier comparison of one seed is kept after a second seed was measured', () => {
  const pair = [
    measured('rings', 'implicit-sandwich', [-1, -2, -3, -4]),
    measured('rings', 'residual-sandwich', [-1.2, -2.1, -3.2, -4.1]),
  ];
  const { comparisons, gaps } = before(pair);
  expect(Object.keys(comparisons['rings']!.pairs)).toEqual(['implicit-sandwich']);
  const more = [...pair, measured('rings', 'mixture', [-1, -1], { seed: 1 })];
  expect(later(more, gaps)['rings']!.pairs).toEqual(comparisons['rings']!.pairs);
});

it('a new seed is added to an earlier comparison whose scores are missing', () => {
  const of = (seed: number) => [
    measured('wine', 'default', [-1, -2, -3, -4], { seed }),
    measured('wine', 'mixture', [-1.2, -2.1, -3.2, -4.1 - seed], { seed }),
  ];
  const [first, second] = [of(0), of(1)];
  const { comparisons } = compared([...first, ...second], {
    stored: before(first).gaps,
    scores: (job) => (job.seed === 0 ? join(folder, 'missing.txt') : scoresFile(job)),
  });
  expect(comparisons).toEqual(before([...first, ...second]).comparisons);
  expect(comparisons['wine']!.ours['mixture']).toMatchObject({ difference: expect.closeTo(0.275, 10), seeds: 2 });
});

it('training without options is compared with all contenders, even if another contender is the best', () => {
  const [ours, mixture] = [
    measured('wine', 'default', [-1, -2, -3, -4]),
    measured('wine', 'mixture', [-1.2, -2.1, -3.2, -4.1]),
  ];
  const { comparisons, gaps } = before([ours, mixture]);
  const own = comparisons['wine']!.ours;
  expect(own['mixture']).toMatchObject({ difference: expect.closeTo(0.15, 10), of: 'default' });
  const found = later([ours, mixture, measured('wine', 'kde', [-1, -1, -1, -1])], gaps)['wine']!;
  expect([found.best, found.against, found.ours]).toEqual(['kde', {}, own]);
});

it('an earlier comparison is dropped if a contender was measured again', () => {
  const mixture = measured('wine', 'mixture', [-1.3, -1.8, -3.3, -3.8]);
  const { gaps } = before([measured('wine', 'ours', [-1, -2, -3, -4]), mixture]);
  expect(later([measured('wine', 'ours', [-1, -1, -3, -4]), mixture], gaps)['wine']!.against).toEqual({});
});

it('scores of test rows are not used if a later measurement has replaced their file', () => {
  const records = [measured('wine', 'ours', [-1, -2, -3, -4]), measured('wine', 'mixture', [-1.3, -1.8, -3.3, -3.8])];
  const { gaps } = before(records);
  writeFileSync(scoresFile(records[0]!), '-9\n-8\n-7\n-6\n');
  expect(compared(records, { stored: gaps, scores: scoresFile }).gaps).toEqual(gaps);
  expect(compared(records, { stored: [], scores: scoresFile }).gaps).toEqual([]);
});

it('implicit and residual blocks with the same nets are compared with each other', () => {
  const page = pageOf([
    measured('rings', 'implicit-sandwich', [-1, -2, -3, -4]),
    measured('rings', 'residual-sandwich', [-1.2, -2.1, -3.2, -4.1]),
    measured('rings', 'implicit-shallow', [-1.5, -2, -3, -4]),
    measured('rings', 'residual-shallow', [-1.4, -2.2, -3, -4]),
  ]);
  expect(page).toContain('| data | `implicit-sandwich` | `implicit-shallow` |');
  expect(page).toContain('| rings | **-0.150 ± 0.029** | -0.025 ± 0.063 |');
});

it('data sets of anomalies have a table of AUCs and a table of average precisions', () => {
  const page = pageOf([
    measured('strange', 'ours', [-1, -2, -8, -9], { normal: 2 }),
    measured('strange', 'mixture', [-1, -8.5, -8, -9], { normal: 2 }),
  ]);
  expect(page).toContain('| strange | **1.0000** | 0.7500 ≈ |');
  expect(page).toContain('| strange | **1.0000** | 0.8333 |');
});
