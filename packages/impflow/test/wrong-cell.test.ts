import { wasm } from '@impflow/backend-wasm';
import { fold, key, normals, uniforms } from '@impflow/core';
import { onBackend } from '@impflow/testkit';
import { fit, type FitOptions, type Model } from 'impflow';
import { describe, expect, it } from 'vitest';

onBackend(wasm());

interface Row {
  readonly a: number;
  readonly b: number;
}

/** Returns rows in two clusters. */
const rowsOf = (part: number, count: number): Row[] => {
  const z = normals(fold(key(11), part), 3 * count);
  return Array.from({ length: count }, (_, i) => {
    const side = z[3 * i]! > 0.3 ? 2 : -2;
    return { a: side + 0.5 * z[3 * i + 1]!, b: 10 + 0.3 * side + z[3 * i + 2]! };
  });
};
const [train, validation, test] = [rowsOf(0, 800), rowsOf(1, 200), rowsOf(2, 200)];

/** Returns the rows, after one cell was replaced by a value at about 40 standard deviations. */
const spoiled = (rows: readonly Row[]): Row[] => rows.map((row, i) => (i === 7 ? { ...row, b: 50 } : row));

/**
 * Options of a flow with a fitted mixture as base. The mixture is the part of a model that a far cell could change
 * most.
 */
const options = { base: 'fitted', steps: 30, workers: 1, seed: 2 } as const satisfies FitOptions;

const median = (values: readonly number[]): number => values.toSorted((x, y) => x - y)[values.length >> 1]!;

const figuresOf = (model: Model<Row>): Readonly<Record<'median' | 'b' | 'spread', number>> => {
  const drawn = model.sample(400, { seed: 5 }).map(({ b }) => b);
  const middle = median(drawn);
  return {
    median: median(model.score(test).map(({ logDensity }) => logDensity)),
    b: middle,
    spread: median(drawn.map((b) => Math.abs(b - middle))),
  };
};

describe('one cell at 40 standard deviations', () => {
  it.each(['training', 'validation', 'test'])(
    'a cell at 40 standard deviations in a %s row leaves the density unchanged',
    async (part) => {
      const clean = await fit(train, { ...options, validation, test });
      const wrong = await fit(part === 'training' ? spoiled(train) : train, {
        ...options,
        validation: part === 'validation' ? spoiled(validation) : validation,
        test: part === 'test' ? spoiled(test) : test,
      });
      const [before, after] = [figuresOf(clean), figuresOf(wrong)];
      expect(Math.abs(after.median - before.median)).toBeLessThan(0.05);
      expect(Math.abs(after.b - before.b)).toBeLessThan(0.1);
      expect(Math.abs(after.spread / before.spread - 1)).toBeLessThan(0.1);
      // The report names the row, and the row adds some tens of nats to the loss.
      expect(wrong.report.remarks).toContainEqual(expect.stringMatching(/^The cell 50 of "b" in row 8 of /));
      const { logDensity } = wrong.score([{ a: 2, b: 50 }])[0]!;
      expect(logDensity).toBeGreaterThan(-40);
      expect(logDensity).toBeLessThan(-10);
      const shift = wrong.report.heldOut.nats - clean.report.heldOut.nats;
      expect(Math.abs(shift)).toBeLessThan(part === 'test' ? 40 / test.length : 0.05);
    },
  );
});

it('with conditions and categories, no draw is near a single cell of 1e9 among 1,500 rows', async () => {
  const [a, b] = [1, 2].map((seed) => normals(key(seed), 1500)) as [Float64Array, Float64Array];
  const rows = Array.from(a, (x, i) => ({
    c: x + b[(i + 1) % 1500]!,
    kind: x > 0.3 ? 'up' : 'down',
    w: i === 700 ? 1e9 : 3 + b[i]! + x,
  }));
  const model = await fit(rows, { given: ['c'], steps: 10, workers: 1 });
  expect(model.report.remarks).toContainEqual(expect.stringMatching(/^Training leaves out the row with a far cell/));
  const drawn = model.sample(3000, { given: { c: 0 } }).map(({ w }) => w);
  expect(Math.min(...drawn)).toBeGreaterThan(-20);
  expect(Math.max(...drawn)).toBeLessThan(30);
});

it('a cell that the option `gaps` marks is a gap in scores and completions too', async () => {
  const [a, b] = [3, 4].map((seed) => normals(key(seed), 300)) as [Float64Array, Float64Array];
  const rows = Array.from(a, (x, i) => ({ x, depth: i % 5 === 0 ? -999 : 5 + x + b[i]! }));
  const model = await fit(rows, { gaps: ['depth:-999'], missing: 'impute', steps: 5, workers: 1 });
  expect(model.report.columns[1]).toMatchObject({ gaps: 60, how: expect.stringMatching(/; -999 as gaps$/) });
  expect(Math.min(...model.sample(500).map(({ depth }) => depth))).toBeGreaterThan(-10);
  const [marked, empty] = model.score([{ x: 1, depth: -999 }, { x: 1 }]);
  expect(marked).toEqual(empty);
  expect(model.impute([{ x: 1, depth: -999 }])[0]![0]!.depth).toBeGreaterThan(0);
});

it('every row has a density if a far cell is in a column that would otherwise be mapped by its bounds', async () => {
  const shares = uniforms(key(4), 600);
  const rows = Array.from(shares, (share, i) => ({
    share: i === 17 ? 45 : share,
    other: share + shares[(i + 1) % 600]!,
  }));
  const model = await fit(rows, { transform: ['auto'], steps: 5, workers: 1, seed: 1 });
  expect(Number.isFinite(model.report.heldOut.nats)).toBe(true);
  expect(model.report.remarks).toContainEqual(expect.stringMatching(/^The cell 45 of "share" in row 18 of /));
});
