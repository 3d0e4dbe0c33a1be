import { fit } from 'impflow';
import { expect, it } from 'vitest';
import { gaussianLogDensity, gaussianRows } from './tables.ts';

it.each([
  ['a fitted mixture', { base: 'fitted' }],
  ['whitened columns', { scaling: 'whitened' }],
] as const)('a short fit with %s learns a correlated Gaussian to within 0.1 nats', async (_what, options) => {
  const model = await fit(gaussianRows(300, 1), { steps: 40, workers: 1, ...options });
  const fresh = gaussianRows(1000, 2);
  const losses = model.score(fresh).map(({ logDensity }, row) => gaussianLogDensity(fresh[row]!) - logDensity);
  const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
  const error = Math.sqrt(losses.reduce((sum, loss) => sum + (loss - mean) ** 2, 0)) / losses.length;
  // The expected value of the mean is the Kullback-Leibler divergence of the model from the true density, which is not
  // negative.
  expect(error).toBeLessThan(0.02);
  expect(mean).toBeGreaterThan(-3 * error);
  expect(mean).toBeLessThan(0.1);
});
