import { key, normals, uniforms } from '@impflow/core';
import type { MixtureModel } from '@impflow/flows';
import { describe, expect, it } from 'vitest';
import { logSumExp, partialMixture } from '../src/density/partial-mixture.ts';

/** Returns the log-density `log q` of a point under a mixture, computed from the factors of the precision matrices. */
const logProb = ({ dim: d, covariance, weights, means, factors }: MixtureModel, point: readonly number[]): number =>
  logSumExp(
    Array.from(weights, (weight, k) => {
      const first = covariance === 'tied' ? 0 : k * (covariance === 'full' ? d * d : d);
      let log = Math.log(weight) - 0.5 * d * Math.log(2 * Math.PI);
      for (let i = 0; i < d; i++) {
        let y = 0;
        for (let j = 0; j <= i; j++) {
          const entry = covariance === 'diagonal' ? (i === j ? factors[first + i]! : 0) : factors[first + i * d + j]!;
          y += entry * (point[j]! - means[k * d + j]!);
          if (i === j) log += Math.log(entry);
        }
        log -= 0.5 * y * y;
      }
      return log;
    }),
  );

const modelOf = (covariance: MixtureModel['covariance']): MixtureModel => {
  const [d, components] = [3, 2];
  const z = normals(key(1), 40);
  const lower = (at: number): readonly number[] =>
    Array.from({ length: 9 }, (_, i) => {
      const [row, column] = [Math.floor(i / 3), i % 3];
      return row === column ? 0.7 + 0.3 * Math.abs(z[at + i]!) : column < row ? 0.5 * z[at + i]! : 0;
    });
  const factors =
    covariance === 'diagonal'
      ? [0.7, 1.2, 0.9, 1.5, 0.6, 1]
      : covariance === 'tied'
        ? lower(10)
        : [...lower(10), ...lower(20)];
  return {
    dim: d,
    components,
    covariance,
    weights: Float64Array.of(0.3, 0.7),
    means: Float64Array.from(z.subarray(0, 6), (value) => 1.5 * value),
    factors: Float64Array.from(factors),
  } as MixtureModel;
};

describe.each(['full', 'tied', 'diagonal'] as const)('a %s mixture', (covariance) => {
  const model = modelOf(covariance);
  const point = [0.4, -0.8, 1.1];

  it.each([0, 1, 2])(
    'if coordinate %i is unknown, `logKnown` agrees with the integral of the joint density, and importance weights are bounded',
    (j) => {
      const known = Float64Array.from(
        [0, 1, 2].filter((i) => i !== j),
        (i) => point[i]!,
      );
      const partial = partialMixture(model, [j]);
      const conditional = partial.given(known);
      const [joint, proposal] = [[], []] as [number[], number[]];
      for (let x = -40; x < 40; x += 0.01) {
        joint.push(
          Math.exp(
            logProb(
              model,
              point.map((value, i) => (i === j ? x : value)),
            ),
          ),
        );
        proposal.push(Math.exp(conditional.logProb(Float64Array.of(x))));
      }
      const [marginal, total] = [joint, proposal].map((each) => each.reduce((sum, value) => sum + 0.01 * value, 0)) as [
        number,
        number,
      ];
      expect(partial.logKnown(known)).toBeCloseTo(Math.log(marginal), 6);
      expect(total).toBeCloseTo(1, 6);
      // A fraction of 0.2 of the proposals is drawn from a wider distribution. So the conditional density is at most 1
      // / 0.8 times the density of the proposals.
      expect(Math.max(...joint.map((value, i) => value / marginal / proposal[i]!))).toBeLessThan(1 / 0.8 + 1e-6);
    },
  );

  it('if all coordinates are unknown, `logKnown` returns 0, and the conditional density is close to the mixture', () => {
    const partial = partialMixture(model, [0, 1, 2]);
    expect(partial.logKnown(new Float64Array(0))).toBeCloseTo(0, 12);
    const log = partial.given(new Float64Array(0)).logProb(Float64Array.from(point));
    expect(log).toBeGreaterThan(logProb(model, point) + Math.log(0.8));
    expect(log).toBeLessThan(logProb(model, point) + 1);
  });
});

it('draws are distributed according to `logProb`, so that the mean of a ratio of densities is 1', () => {
  const model = modelOf('full');
  const partial = partialMixture(model, [0, 2]);
  const known = Float64Array.of(0.5);
  const conditional = partial.given(known);
  const count = 20_000;
  const [u, z] = [uniforms(key(3), 2 * count), normals(key(4), 2 * count)];
  const ratios = Float64Array.from({ length: count }, (_, i) => {
    const draw = conditional.draw(u[2 * i]!, u[2 * i + 1]!, z.slice(2 * i, 2 * i + 2));
    return Math.exp(logProb(model, [draw[0]!, 0.5, draw[1]!]) - partial.logKnown(known) - conditional.logProb(draw));
  });
  const mean = ratios.reduce((sum, value) => sum + value, 0) / count;
  const error = Math.sqrt(ratios.reduce((sum, value) => sum + (value - mean) ** 2, 0)) / count;
  expect(Math.abs(mean - 1)).toBeLessThan(5 * error);
});
