import { wasm } from '@impflow/backend-wasm';
import { onBackend } from '@impflow/testkit';
import { expect, it } from 'vitest';
import { fitted, grid, lowerBound, RESIDUAL_LIPSCHITZ, slope, target } from '../theorem.ts';

// Lu et al., Implicit Normalizing Flows, 2021 (arXiv:2103.09527), section 4: one implicit block expresses maps that no
// residual block can express, since the slopes of residual blocks stay below 2.
const STEPS = 700;

onBackend(wasm());

it('the target map is monotone with slopes from 0.1 to 10; a residual block cannot have slopes above 2', () => {
  const slopes = grid(4001).map(slope);
  expect(Math.min(...slopes)).toBeCloseTo(0.1, 3);
  expect(Math.max(...slopes)).toBeCloseTo(10, 6);
  for (const x of [-1.7, -0.3, 0.01, 0.6])
    expect((target(x + 1e-5) - target(x - 1e-5)) / 2e-5).toBeCloseTo(slope(x), 5);
  expect(lowerBound(RESIDUAL_LIPSCHITZ)).toBeGreaterThan(1.9);
});

it('one implicit block fits the target map, and a residual block with more parameters does not fit it', async () => {
  const implicit = await fitted('implicit', STEPS);
  const residual = await fitted('residual', STEPS);
  expect(residual.parameters).toBeGreaterThanOrEqual(implicit.parameters);
  expect(implicit.maxError).toBeLessThan(0.08);
  // The error of the residual block is above its theoretical lower bound, and close to the bound.
  const bound = lowerBound(RESIDUAL_LIPSCHITZ);
  expect(residual.maxError).toBeGreaterThanOrEqual(bound);
  expect(residual.maxError).toBeLessThan(1.1 * bound);
  // The implicit block is increasing, so it is a bijection.
  const values = implicit.at(grid(401));
  for (let i = 1; i < values.length; i++) expect(values[i]).toBeGreaterThan(values[i - 1]!);
});
