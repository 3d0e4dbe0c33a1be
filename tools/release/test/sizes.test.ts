// Checks that packages over budget are reported with advice, and packages within their budget are not reported.
import { expect, it } from 'vitest';
import { problemsOf, sizesTable } from '../sizes-report.mjs';

const measured = (installed: number, gzip: number, left = 0) => ({
  name: '@impflow/try',
  statements: 5,
  said: 'x = 1',
  left,
  packed: installed / 2,
  installed: { own: installed, ours: 2 * installed, all: 5e7 },
  bundle: { own: { minified: 3 * gzip, gzip }, withTfjs: { minified: 9 * gzip, gzip: 4 * gzip } },
});
const BUDGETS = { '@impflow/try': { installed: 50, gzip: 10 } };

it('`problemsOf` does not report a package within its budget', () => {
  expect(problemsOf([measured(50_000, 10_000)], BUDGETS)).toEqual([]);
});

it('`problemsOf` reports a package one byte above its budget, with the budget and the size', () => {
  expect(problemsOf([measured(50_001, 9000)], BUDGETS)).toEqual([
    expect.stringMatching(/^@impflow\/try, installed: expected at most 50 kB, got 50\.0 kB\. /),
  ]);
  expect(problemsOf([measured(5000, 12_345)], BUDGETS)).toEqual([
    expect.stringMatching(/bundle, gzip: expected at most 10 kB, got 12\.3 kB\. .*tools\/release\/budgets\.json/),
  ]);
});

it('`problemsOf` reports a tarball above its budget; tarballs without a budget are not limited', () => {
  expect(problemsOf([measured(50_000, 9000)], { '@impflow/try': { ...BUDGETS['@impflow/try'], packed: 24 } })).toEqual([
    expect.stringMatching(/^@impflow\/try, packed: expected at most 24 kB, got 25\.0 kB\. /),
  ]);
});

it('`problemsOf` reports a package without a budget, and a package whose unused import leaves bytes in a bundle', () => {
  expect(problemsOf([measured(5000, 900)], {})).toEqual([expect.stringContaining('has no budget')]);
  expect(problemsOf([measured(5000, 900, 17)], BUDGETS)).toEqual([
    expect.stringContaining('expected nothing in a bundle, got 17 bytes'),
  ]);
});

it('`sizesTable` has a header and one line per package', () => {
  expect(sizesTable([measured(50_000, 10_000)]).split('\n')).toEqual([
    expect.stringMatching(/^package +installed.* packed$/),
    expect.stringMatching(/^@impflow\/try +50\.0 kB +100 kB +50\.0 MB +30\.0 kB +10\.0 kB +40\.0 kB +25\.0 kB$/),
  ]);
});
