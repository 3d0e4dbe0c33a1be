import { cpu } from '@impflow/backend-cpu';
import { fold, key, type Contraction, type Key } from '@impflow/core';
import { dense, lipSwish, sequential } from '@impflow/lipschitz';
import {
  exact,
  logDetEstimators,
  poisson,
  powerSeries,
  russianRoulette,
  seriesEstimate,
  truncationBound,
} from '@impflow/logdet';
import { onBackend, ripple, ripplePoints } from '@impflow/testkit';
import { add, mul, scalar, tensor, tidy, variable, zeros, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { estimated, valued, type Estimated } from './at.ts';

onBackend(cpu());

const largest = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.max(...Array.from(a, (x, i) => Math.abs(x - b[i]!)));

describe('the truncation of the power series', () => {
  it.each([1, 2, 3, 5, 8, 13, 21])(
    'for J = -L I, the truncation error after %i terms is below the bound and close to it',
    (terms) => {
      tidy(() => {
        // At the origin J = -L I, so all omitted terms have equal signs.
        const [d, L] = [3, 0.8];
        const g = ripple({ event: [d], slope: L, weight: [-1, 0, 0, 0, -1, 0, 0, 0, -1] });
        g.parameters['bias']!.assign(zeros([1, d]));
        const estimate = valued(g, zeros([1, d]), (lin) =>
          powerSeries({ terms, probe: 'basis' }).estimate(lin, key(1)),
        )[0]!;
        const error = estimate - d * Math.log(1 - L);
        const bound = truncationBound(d, L, terms);
        expect(error).toBeLessThan(bound + 2e-6);
        expect(error).toBeGreaterThan((1 - L) * bound - 2e-6);
      });
    },
  );

  it.each([1, 2, 4, 8, 16])('for a net, the truncation error after %i terms is below the bound', (terms) => {
    tidy(() => {
      const g = net(key(2));
      const x = ripplePoints([3], 50);
      const truth = valued(g, x, (lin) => exact().estimate(lin, key(3)));
      const estimate = valued(g, x, (lin) => powerSeries({ terms, probe: 'basis' }).estimate(lin, key(3)));
      expect(largest(estimate, truth)).toBeLessThan(truncationBound(3, g.lipschitz, terms) + 2e-6);
    });
  });
});

describe('the gradients of the power series', () => {
  const probes = (): Tensor => tensor([1, -1, 1, -1, -1, 1, 1, 1, 1, -1, 1, -1], [2, 2, 3]);
  const coefficients = [1, 1, 1, 2, 4, 8];

  it('with the option `gradient: series`, the gradient is the gradient of the returned number', () => {
    tidy(() => {
      const g = net(key(4));
      const x = variable(ripplePoints([3], 2));
      const total = (): number =>
        valued(g, x, (lin) => seriesEstimate(lin, probes(), coefficients, 'series')).reduce(
          (sum, value) => sum + value,
          0,
        );
      const { gradients } = estimated(g, x, (lin) => seriesEstimate(lin, probes(), coefficients, 'series'));
      for (const [name, target] of Object.entries({ x, ...g.parameters })) {
        const start = target.clone();
        // Take finite differences along the gradient. The slope in this direction is the norm of the gradient.
        const norm = Math.hypot(...gradients[name]!);
        const along = tensor(gradients[name]!, target.shape);
        const after = (step: number): number => {
          target.assign(add(start, mul(along, scalar(step / Math.max(norm, 1e-6)))));
          return total();
        };
        const slope = (8 * (after(1e-2) - after(-1e-2)) - (after(2e-2) - after(-2e-2))) / 12e-2;
        target.assign(start);
        expect(Math.abs(slope - norm), `${name}: ${slope} against ${norm}`).toBeLessThan(2e-3 * Math.max(norm, 0.05));
      }
    });
  });

  it('the gradients `neumann` and `series` agree if the trace is exact', () => {
    tidy(() => {
      const g = net(key(5));
      const x = ripplePoints([3], 4);
      const [neumann, series] = (['neumann', 'series'] as const).map((gradient) =>
        estimated(g, x, (lin) => powerSeries({ terms: 7, probe: 'basis', gradient }).estimate(lin, key(6))),
      ) as [Estimated, Estimated];
      expect(largest(neumann.logDet, series.logDet)).toBeLessThan(1e-5);
      for (const name of Object.keys(neumann.gradients))
        expect(largest(neumann.gradients[name]!, series.gradients[name]!), name).toBeLessThan(1e-5);
    });
  });
});

describe('options', () => {
  it('an estimator made from JSON options returns the results of an estimator made in code', () => {
    tidy(() => {
      const g = net(key(7));
      const x = ripplePoints([3], 4);
      const named = logDetEstimators.create({
        name: 'roulette',
        options: { distribution: 'poisson', lambda: 3, exactTerms: 1, probes: 2 },
      });
      const built = russianRoulette({ distribution: poisson({ lambda: 3 }), exactTerms: 1, probes: 2 });
      expect(valued(g, x, (lin) => named.estimate(lin, key(8)))).toEqual(
        valued(g, x, (lin) => built.estimate(lin, key(8))),
      );
      expect(logDetEstimators.create({ name: 'series', options: { terms: 3 } }).bias).toBe('truncated');
    });
  });

  it('options out of range are refused', () => {
    const create = (name: string, options: Record<string, unknown>) => () => logDetEstimators.create({ name, options });
    expect(create('series', { terms: 0 })).toThrow(
      '[logdet/powerSeries] Wrong terms: expected an integer of at least 1, got 0.',
    );
    expect(create('series', { probe: 'gauss' })).toThrow(
      '[logdet/powerSeries] Unknown probe: expected one of rademacher, gaussian, basis, got "gauss".',
    );
    expect(create('roulette', { distribution: 'poison' })).toThrow('Did you mean "poisson"?');
    expect(create('roulette', { lambda: 2 })).toThrow(
      'The option lambda does not apply: expected distribution "poisson", got "geometric". Leave lambda out.',
    );
    expect(create('roulette', { p: 1 })).toThrow('[logdet/geometric] Wrong p: expected a number in (0, 1), got 1.');
    expect(create('roulette', { exactTerms: -1 })).toThrow('[logdet/russianRoulette] Wrong exactTerms');
    expect(create('exact', { maxDim: 0 })).toThrow('[logdet/exact] Wrong maxDim');
  });
});

const net = (k: Key): Contraction =>
  sequential(
    [3],
    [
      dense({ inputs: 3, outputs: 8, coeff: 0.8, key: fold(k, 0) }),
      lipSwish(),
      dense({ inputs: 8, outputs: 3, coeff: 0.8, key: fold(k, 1) }),
    ],
  );
