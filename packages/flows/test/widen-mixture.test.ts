import { cpu } from '@impflow/backend-cpu';
import { key } from '@impflow/core';
import { buildFlow, tabularPreset, widenMixture, type MixtureCovariance } from '@impflow/flows';
import { onBackend } from '@impflow/testkit';
import { moments, tensor, type Tensor2D } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';

onBackend(cpu());

const mixture = (covariance: MixtureCovariance, components: number) =>
  buildFlow(
    tabularPreset({
      dim: 2,
      blocks: 1,
      hidden: [4],
      base: { name: 'mixture', options: { components, covariance } },
      actNorm: false,
    }),
    { key: key(5) },
  ).base;

it.each(['full', 'diagonal', 'tied'] as const)(
  '`widenMixture` multiplies the standard deviations of a %s mixture',
  (covariance) => {
    const base = mixture(covariance, 1);
    const spread = (): readonly number[] =>
      Array.from(moments(base.sample(key(1), 20_000) as Tensor2D, 0).variance.dataSync(), Math.sqrt);
    const before = spread();
    widenMixture(base, 1.5);
    // Sample with one key before and after widening, so that the ratio of the standard deviations has no noise.
    spread().forEach((value, i) => expect(value / before[i]!).toBeCloseTo(1.5, 4));
  },
);

it('`widenMixture` does not change the integral of the density', () => {
  const base = mixture('full', 3);
  widenMixture(base, 1.3);
  const [side, step] = [160, 0.1];
  const points = Float32Array.from({ length: 2 * side * side }, (_, i) => {
    const cell = i >> 1;
    return step * ((i % 2 === 0 ? cell % side : Math.floor(cell / side)) - side / 2);
  });
  const logs = base.logProb(tensor(points, [side * side, 2])).dataSync();
  const sum = Array.from(logs, Math.exp).reduce((total, density) => total + density, 0);
  expect(Math.abs(sum * step ** 2 - 1)).toBeLessThan(1e-3);
});

it('`widenMixture` refuses a base that is not a mixture, and a factor that is not positive', () => {
  expect(() => widenMixture(buildFlow(tabularPreset({ dim: 2, blocks: 1, hidden: [4] })).base, 2)).toThrow(
    '[flows/widenMixture] Wrong base density or factor: expected a mixture, and a factor above 0, got normal, and 2',
  );
  expect(() => widenMixture(mixture('full', 2), 0)).toThrow('got mixture, and 0');
});
