import { cpu } from '@impflow/backend-cpu';
import { wasm } from '@impflow/backend-wasm';
import { fold, key, normal, recomputing, reusing, scoped, startRegistered, valueAndGradients, type BackendAdapter, type Contraction, type LogDetEstimator } from '@impflow/core';
import { exact, gradientInForward, poisson, powerSeries, russianRoulette, truncationBound } from '@impflow/logdet';
import { mlp, sin } from '@impflow/lipschitz';
import { LAW_SLOPE, onBackend, testEstimator } from '@impflow/testkit';
import { add, memory, mul, sum, tensor1d, variable, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

describe('laws', () => {
  testEstimator({ estimator: () => gradientInForward(exact()), backends: [cpu(), wasm()] });
  testEstimator({ estimator: () => gradientInForward(russianRoulette()), backends: [wasm()] });
  testEstimator({
    estimator: () => gradientInForward(powerSeries({ terms: 12, gradient: 'series' })), backends: [wasm()],
    truncation: { value: truncationBound(3, LAW_SLOPE, 12), gradient: (3 * LAW_SLOPE ** 12) / (1 - LAW_SLOPE) },
  });
});

/** Says of itself that only waiting reads it. */
const waiting = (): BackendAdapter => ({
  ...wasm(),
  start: async () => {
    await wasm().start();
    return startRegistered('wasm', { capabilities: { precision: 32, syncRead: false, device: 'cpu', threads: 1 } });
  },
});

describe.each([['cpu', cpu], ['wasm', wasm], ['wasm, read by waiting', waiting]] as const)('on %s', (_name, adapter) => {
  onBackend(adapter());

  const B = 7;
  const losses: readonly (readonly [string, () => Tensor | undefined, () => Tensor | undefined])[] = [
    ['a mean of log-determinants', () => undefined, () => tensor1d(Array.from({ length: B }, () => -1 / B))],
    ['weights that differ', () => undefined, () => tensor1d(Array.from({ length: B }, (_, i) => Math.cos(i)))],
    ['value and mean', () => normal(key(3), [B, 5]), () => tensor1d(Array.from({ length: B }, () => 0.5))],
    ['value and weights that differ', () => normal(key(3), [B, 5]), () => tensor1d(Array.from({ length: B }, (_, i) => i / B - 0.3))],
    ['the value alone', () => normal(key(3), [B, 5]), () => undefined],
  ];
  const estimators: readonly LogDetEstimator[] = [
    exact(), russianRoulette(), russianRoulette({ gradient: 'series', probes: 2 }), russianRoulette({ distribution: poisson(), exactTerms: 0 }), powerSeries({ terms: 5 }),
  ];

  it.each(losses)('the same value bit for bit and the same gradient for %s', (_loss, u, w) => {
    for (const [i, estimator] of estimators.entries()) {
      const g = mlp({ dim: 5, hidden: [9, 8], activation: sin, key: key(1) });
      const x = scoped(() => variable(normal(key(2), [B, 5])));
      const run = (estimator: LogDetEstimator, g: Contraction) => scoped(() => {
        let outcome: readonly Float32Array[] = [];
        const { gradients } = valueAndGradients(() => {
          const { value, logDet } = estimator.estimate(g, x, fold(key(4), i));
          outcome = [value, logDet].map((t) => t.dataSync<'float32'>().slice());
          const [cotangent, weight] = [u(), w()];
          const parts = [...(cotangent === undefined ? [] : [sum(mul(cotangent, value))]), ...(weight === undefined ? [] : [sum(mul(weight, logDet))])];
          return parts.reduce((a, b) => add(a, b));
        }, { ...g.parameters, x });
        return { outcome, gradients: Object.values(gradients).map((t) => t.dataSync<'float32'>().slice()) };
      });
      const kept = run(estimator, g);
      const before = memory().numTensors;
      const taken = run(gradientInForward(estimator), g);
      expect(memory().numTensors).toBe(before);
      expect(taken.outcome).toEqual(kept.outcome);
      taken.gradients.forEach((gradient, j) => expect(distance(gradient, kept.gradients[j]!)).toBeLessThan(1e-5));
      // A map that recomputes, by the estimators themselves.
      const again = run(estimator, recomputing(g));
      expect(again.outcome).toEqual(kept.outcome);
      again.gradients.forEach((gradient, j) => expect(distance(gradient, kept.gradients[j]!)).toBeLessThan(1e-5));
      for (const tensor of [x, ...Object.values(g.parameters)]) tensor.dispose();
    }
  });

  it('outlives the linearization that the map knows at x', () => {
    const g = mlp({ dim: 5, hidden: [9], activation: sin, key: key(1) });
    const x = scoped(() => variable(normal(key(2), [B, 5])));
    const gradients = (lent: boolean) => scoped(() => Object.values(valueAndGradients(() => {
      const point = x.clone();
      const linearization = g.linearize(point);
      const { value, logDet } = gradientInForward(russianRoulette()).estimate(lent ? reusing(g, point, linearization) : g, point, key(4));
      linearization.dispose();
      return add(sum(value), sum(mul(logDet, tensor1d([1, 2, 3, 4, 5, 6, 7]))));
    }, { ...g.parameters, x }).gradients).map((t) => Array.from(t.dataSync())));
    expect(gradients(true)).toEqual(gradients(false));
    for (const tensor of [x, ...Object.values(g.parameters)]) tensor.dispose();
  });
});

/** Of two vectors, relative to the second. */
const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  const size = Math.hypot(...Array.from(b));
  return Math.hypot(...Array.from(a, (x, i) => x - b[i]!)) / (size === 0 ? 1 : size);
};
