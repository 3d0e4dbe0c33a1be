import { wasm } from '@impflow/backend-wasm';
import { key, normals } from '@impflow/core';
import { buildFlow, fitMixture, mixtureLogProbs, tabularPreset, tailLogProbs, type FlowSpec } from '@impflow/flows';
import { onBackend } from '@impflow/testkit';
import { exp, grad, sub, sum, tensor2d, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

const TAIL = { weight: 1e-3, scale: 10 };
const spec = (more: Partial<FlowSpec> = {}): FlowSpec => ({
  ...tabularPreset({ dim: 2, blocks: 1, hidden: [8], actNorm: false, tail: TAIL }),
  ...more,
});

onBackend(wasm());

describe('a tail', () => {
  it('a tail limits the loss of an outlier and hardly changes the losses of other rows', () => {
    const { tail: _tail, ...without } = spec();
    const [flow, plain] = [buildFlow(spec()), buildFlow(without)];
    tidy(() => {
      const near = tensor2d([0.3, -1, 2, 0.5], [2, 2]);
      const far = tensor2d([40, 0], [1, 2]);
      const differences = sub(flow.logProb(near), plain.logProb(near)).dataSync();
      for (const difference of differences) expect(Math.abs(difference)).toBeLessThan(2e-3);
      expect(plain.logProb(far).dataSync()[0]).toBeLessThan(-500);
      expect(flow.logProb(far).dataSync()[0]).toBeGreaterThan(-40);
      // At the outlier, the gradient is the gradient of the broad density alone.
      const slope = grad((x: Tensor) => sum(flow.base.logProb(x)))(far).dataSync();
      expect(slope[0]).toBeCloseTo(-40 / TAIL.scale ** 2, 4);
    });
  });

  it('the density of a base with a tail has integral 1', () => {
    const flow = buildFlow(spec());
    const [half, cells] = [60, 600];
    const step = (2 * half) / cells;
    const grid = Float32Array.from({ length: 2 * cells * cells }, (_, at) => {
      const cell = Math.floor(at / 2);
      return -half + step * ((at % 2 === 0 ? cell % cells : Math.floor(cell / cells)) + 0.5);
    });
    const total = tidy(() => sum(exp(flow.base.logProb(tensor2d(grid, [cells * cells, 2])))).dataSync()[0]!);
    expect(total * step * step).toBeCloseTo(1, 4);
  });

  it('the fraction of samples from the broad density equals its weight', () => {
    const flow = buildFlow(spec({ tail: { weight: 0.25, scale: 1000 } }));
    const rows = 4000;
    const z = tidy(() => flow.base.sample(key(5), rows).dataSync());
    const far = Array.from({ length: rows }, (_, row) => Math.hypot(z[2 * row]!, z[2 * row + 1]!)).filter(
      (distance) => distance > 20,
    ).length;
    // The tolerance is four standard deviations of the fraction, which is binomial.
    expect(Math.abs(far / rows - 0.25)).toBeLessThan(4 * Math.sqrt((0.25 * 0.75) / rows));
  });

  it.each([
    { weight: 0, scale: 10 },
    { weight: 1, scale: 10 },
    { weight: 0.1, scale: -1 },
  ])('a spec with the wrong tail %o is refused', (tail) => {
    expect(() => buildFlow(spec({ tail }))).toThrow(/Wrong tail/);
  });
});

describe('a mixture that is fitted with the option `floor`', () => {
  const rows = Float64Array.from(normals(key(2), 2 * 2000));
  const spoiled = Float64Array.from(rows);
  for (const row of [3, 500, 1200]) spoiled[2 * row] = 60;
  const options = { dim: 2, components: 3, key: key(3), ridge: 1e-6 } as const;

  it.each(['full', 'tied', 'diagonal'] as const)('with `floor`, no component moves to outliers: %s', (covariance) => {
    const floor = tailLogProbs(spoiled, 2, TAIL);
    const fit = fitMixture(spoiled, { ...options, covariance, floor });
    for (const mean of fit.means) expect(Math.abs(mean)).toBeLessThan(3);
    const mean = (values: Float64Array): number => values.reduce((total, value) => total + value, 0) / values.length;
    const clean = fitMixture(rows, { ...options, covariance });
    expect(mean(mixtureLogProbs(fit, rows, TAIL))).toBeGreaterThan(mean(mixtureLogProbs(clean, rows)) - 0.02);
  });

  it('`fitMixture` refuses an option `floor` of a wrong length', () => {
    expect(() => fitMixture(rows, { ...options, floor: new Float64Array(7) })).toThrow(
      /Wrong floor: expected 2000 numbers/,
    );
  });

  it('`mixtureLogProbs` with a tail adds the densities of the mixture and of the tail', () => {
    const fit = fitMixture(rows, options);
    const point = [1, -2];
    const [own] = mixtureLogProbs(fit, point);
    const [broad] = tailLogProbs(point, 2, TAIL);
    const expected = Math.log((1 - TAIL.weight) * Math.exp(own!) + Math.exp(broad!));
    expect(mixtureLogProbs(fit, point, TAIL)[0]).toBeCloseTo(expected, 12);
  });
});
