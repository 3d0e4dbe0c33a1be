import { wasm } from '@impflow/backend-wasm';
import { key, normals } from '@impflow/core';
import { fit } from 'impflow';
import { beforeAll, expect, it } from 'vitest';

beforeAll(() => wasm().start());

const quick = { blocks: 1, hidden: [8], workers: 1, steps: 20, validateEvery: 10, transform: ['none'] } as const;

/** Rows of a skewed column `x` with weights `w` between 1 and 3. */
const weightedRows = (seed: number, count: number): { readonly x: number; readonly w: number }[] =>
  Array.from(normals(key(seed), count), (z, i) => ({ x: z + 0.3 * z * z, w: 1 + (i % 3) }));

it('the lead of the model over a rival is the weighted mean of the differences row by row, with its standard error', async () => {
  const [train, validation, test] = [weightedRows(1, 200), weightedRows(2, 50), weightedRows(3, 60)];
  const model = await fit(train, { ...quick, validation, test, weights: 'w' });
  const { rivals, heldOut } = model.report;
  const [gaussian] = rivals;
  expect(gaussian!.name).toBe('full-covariance Gaussian');

  // The rival is the normal distribution with the weighted mean and variance of the training rows.
  const total = train.reduce((sum, { w }) => sum + w, 0);
  const mean = train.reduce((sum, { x, w }) => sum + w * x, 0) / total;
  const variance = train.reduce((sum, { x, w }) => sum + w * (x - mean) ** 2, 0) / total;
  const rival = test.map(({ x }) => -0.5 * ((x - mean) ** 2 / variance + Math.log(2 * Math.PI * variance)));
  const own = model.score(test).map(({ logDensity }) => logDensity);
  const weights = test.map(({ w }) => w);
  const [lead, error] = weightedMean(
    own.map((value, i) => value - rival[i]!),
    weights,
  );
  expect(gaussian!.lead.nats).toBeCloseTo(lead, 3);
  expect(gaussian!.lead.standardError).toBeCloseTo(error, 3);
  expect(gaussian!.lead.nats).toBeCloseTo(gaussian!.nats - heldOut.nats, 3);
  // The error of the paired difference is smaller than the error of a difference of independent means.
  expect(gaussian!.lead.standardError).toBeLessThan(0.7 * Math.hypot(gaussian!.standardError, heldOut.standardError));
});

/** Returns the weighted mean and the standard error of a ratio of sums. */
const weightedMean = (values: readonly number[], weights: readonly number[]): readonly [number, number] => {
  const total = weights.reduce((sum, w) => sum + w, 0);
  const mean = values.reduce((sum, value, i) => sum + weights[i]! * value, 0) / total;
  const squares = values.reduce((sum, value, i) => sum + (weights[i]! * (value - mean)) ** 2, 0);
  return [mean, Math.sqrt((squares * values.length) / (values.length - 1)) / total];
};

it('the start of the training is marked among the rivals, also if it is the mixture of standardized columns', async () => {
  const clusters = Array.from(normals(key(5), 300), (z, i) => ({ a: z + 12 * (i % 2), b: Math.exp(2 * z) }));
  const startsOf = async (options: object): Promise<readonly string[]> => {
    const { report } = await fit(clusters, { ...quick, base: 'fitted', lr: 1e-3, ...options });
    return report.rivals.filter(({ isStart }) => isStart).map(({ name }) => name);
  };
  const plain = await startsOf({});
  expect(plain).toEqual([expect.stringMatching(/^Gaussian mixture, \d+ \w+ components$/)]);
  const [scaled] = await startsOf({ scaling: 'quantiles' });
  expect(scaled).toMatch(/^(Gaussian mixture, \d+ \w+ components|regularized Gaussian), columns by quantiles$/);
  expect(await startsOf({ base: 'normal' })).toEqual([]);
});
