import { wasm } from '@impflow/backend-wasm';
import { key, normals } from '@impflow/core';
import type { RecordsSpec } from '@impflow/tables';
import { decodeCheckpoint } from '@impflow/training';
import { fit } from 'impflow';
import { modelName } from 'impflow/run';
import { beforeAll, expect, it } from 'vitest';

beforeAll(() => wasm().start());

/** Rows of independent normal numbers. */
const table = (count: number, dim: number, shift: (row: number) => number = () => 0): Record<string, number>[] => {
  const noise = normals(key(count + dim), count * dim);
  return Array.from({ length: count }, (_, row) =>
    Object.fromEntries(Array.from({ length: dim }, (__, j) => [`c${j}`, noise[row * dim + j]! + shift(row)])),
  );
};

const quick = { base: 'fitted', blocks: 1, hidden: [8], workers: 1, steps: 2, validateEvery: 1 } as const;
/** A learning rate that spoils the flow in the first step. */
const bad = { ...quick, lr: 3 };

it('with few rows and many columns, the model that wins is called a regularized Gaussian, and the report lists both Gaussians', async () => {
  const model = await fit(table(50, 30), bad);
  const { report } = model;
  expect(report.won).toBe('regularized Gaussian; the flow did not improve it');
  const [plain, regularized, ...others] = report.rivals;
  expect([plain!.name, regularized!.name, others]).toEqual(['full-covariance Gaussian', 'regularized Gaussian', []]);
  // The covariance of 40 rows in 30 columns is nearly singular: the lead of the model is due to regularization.
  expect(plain!.nats - report.heldOut.nats).toBeGreaterThan(3);
  expect(Math.abs(regularized!.nats - report.heldOut.nats)).toBeLessThan(2);
  expect(modelName(decodeCheckpoint(model.toBytes()))).toBe(report.won);
});

it('the name of a model contains the mixture from which its training started, and whether the training improved on it', async () => {
  const clusters = table(200, 2, (row) => 12 * (row % 2));
  const start = /Gaussian mixture, 2 (full|tied|diagonal) components/.source;
  const kept = await fit(clusters, bad);
  expect(kept.report.won).toMatch(new RegExp(`^${start}; the flow did not improve it$`));
  const same = await fit(clusters, { ...quick, transform: ['none'], lr: 1e-3, steps: 20 });
  const { won, bestStep } = same.report;
  expect(won).toMatch(new RegExp(bestStep === 0 ? `^${start};` : `^implicit flow from a ${start}$`));
  const { report } = await fit(clusters, { ...quick, base: 'normal' });
  expect(report.won).toBe('implicit flow');
  // Options that do not fit the spec, as in a foreign checkpoint, give the name without the mixture.
  const foreign = decodeCheckpoint(kept.toBytes());
  const { flow } = foreign.spec as RecordsSpec;
  const spec = { ...(foreign.spec as RecordsSpec), flow: { ...flow, base: { name: 'normal' } } };
  expect(modelName({ ...foreign, spec })).toBe('implicit flow');
});

it('the name of a mixture contains the preparation of its columns, unless they are only standardized', async () => {
  const skewed = table(150, 3).map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, x]) => [name, Math.exp(x)])),
  );
  const wonWith = async (options: object): Promise<string> => (await fit(skewed, { ...bad, ...options })).report.won;
  expect(await wonWith({ transform: ['none'] })).toMatch(/(components|Gaussian); the flow did not improve it$/);
  expect(await wonWith({ transform: ['none'], scaling: 'whitened' })).toMatch(/, whitened columns; the flow/);
  expect(await wonWith({ transform: ['none'], scaling: 'quantiles' })).toMatch(/, columns by quantiles; the flow/);
  expect(await wonWith({})).toMatch(/, standardized columns, mapped; the flow/);
});
