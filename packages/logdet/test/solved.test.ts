import { cpu } from '@impflow/backend-cpu';
import { wasm } from '@impflow/backend-wasm';
import {
  key,
  drawNormal,
  normals,
  release,
  scoped,
  type BackendAdapter,
  type Contraction,
  type Estimate,
} from '@impflow/core';
import { mlp, sinActivation } from '@impflow/lipschitz';
import { exact, logDetEstimators, solved } from '@impflow/logdet';
import { lively, onBackend, solveLinear } from '@impflow/testkit';
import { concat, slice, tensor2d, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { some } from '../../testkit/private/extent.mjs';
import { at, estimated, valued } from './at.ts';
import { turning, type Turning } from './turning.ts';

const largest = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.max(...Array.from(a, (x, i) => Math.abs(x - b[i]!)));
const size = (a: ArrayLike<number>): number => Math.hypot(...Array.from(a));

/** Dimensions of the test. The exact gradient in 40 dimensions would take a minute in plain JavaScript. */
const backends: readonly (readonly [string, () => BackendAdapter, number])[] = [
  ['cpu', cpu, 16],
  ['wasm', wasm, 40],
];

describe.each(some(backends))('on %s', (_name, adapter, most) => {
  onBackend(adapter());

  describe.each([
    [5, 0.9],
    [12, 0.8],
    [most, 0.8],
  ] as const)('%i dimensions', (dim, slope) => {
    // With `basis`, all coordinate directions are probes, so there is no noise. The number of steps equals the
    // dimension.
    const method = solved({ probe: 'basis', rtol: 1e-6, maxSteps: dim });
    const nets: Readonly<Record<string, () => Contraction>> = {
      'a rotation and sines': () => turning(dim, slope).g,
      'dense layers': () => lively(mlp({ dim, hidden: [24], activation: sinActivation, coeff: slope, key: key(1) })),
    };

    it.each(Object.entries(nets))('value and gradient agree with the estimator `exact`: %s', (_net, make) => {
      const g = make();
      scoped(() => {
        const x = drawNormal(key(2), [3, dim]);
        const truth = estimated(g, x, (lin) => exact().estimate(lin, key(3)));
        const found = estimated(g, x, (lin) => method.estimate(lin, key(3)));
        expect(Math.max(...truth.logDet.map(Math.abs))).toBeGreaterThan(0.01);
        expect(largest(found.logDet, truth.logDet)).toBeLessThan(2e-5);
        expect(valued(g, x, (lin) => method.estimate(lin, key(3)))).toEqual(found.logDet);
        for (const [name, gradient] of Object.entries(truth.gradients)) {
          expect(largest(found.gradients[name]!, gradient), name).toBeLessThan(2e-5 * Math.max(1, size(gradient)));
        }
      });
      release([g.parameters, g.buffers]);
    });

    it('cotangents equal (I + J)^-T v in float64 to within the tolerance', () => {
      const net = turning(dim, slope);
      scoped(() => {
        const x = drawNormal(key(2), [3, dim]);
        const points = x.dataSync();
        for (const [rtol, within] of [
          [1e-2, 2e-2 / (1 - slope)],
          [1e-6, 2e-5],
        ] as const) {
          at(net.g, x, (lin) => {
            const { pair } = solved({ probes: 2, rtol, maxSteps: dim }).estimate(lin, key(4));
            const [tangents, cotangents] = [pair!.pushed.tangents.dataSync(), pair!.cotangents.dataSync()];
            for (let row = 0; row < 6; row++) {
              const b = row % 3;
              const v = Array.from(tangents.slice(row * dim, (row + 1) * dim));
              // The estimator divides the cotangents by the number of probes, so this test multiplies the cotangents by
              // 2.
              const found = Array.from(cotangents.slice(row * dim, (row + 1) * dim), (entry) => 2 * entry);
              const truth = solveLinear(net.transposed(points.slice(b * dim, (b + 1) * dim)), v);
              expect(size(truth.map((entry, i) => entry - found[i]!)), `row ${row}, rtol ${rtol}`).toBeLessThan(
                within * size(truth),
              );
            }
          });
        }
      });
      net.dispose();
    });
  });

  it.each([6, 12, 24])(
    'the result of a row does not depend on the steps of other rows: %i steps for the slowest row',
    (dim) => {
      const net = turning(dim, 0.9);
      scoped(() => {
        const [easy, hard] = [
          withArguments(net, dim, [1.55, 1.57, 1.54], 0.01),
          withArguments(net, dim, [0, 0.3], 0.3),
        ];
        const method = solved({ maxSteps: dim });
        const numbers = (x: Tensor): readonly Float32Array[] =>
          at(net.g, x, (lin) => {
            const { logDet, pair } = method.estimate(lin, key(5));
            return [slice(logDet, 0, 3), slice(pair!.cotangents, [0, 0, 0], [1, 3, dim])].map((t) =>
              t.dataSync<'float32'>().slice(),
            );
          });
        // Both batches have equal numbers of rows, because matrix products of different sizes may round differently.
        expect(numbers(concat([easy, hard]))).toEqual(numbers(concat([easy, slice(easy, 0, 2)])));
        // Check that rows need different numbers of steps: a lower limit on the steps changes only the slow rows.
        const few = (x: Tensor): Float32Array =>
          at(net.g, x, (lin) =>
            solved({ maxSteps: Math.max(4, dim / 3) })
              .estimate(lin, key(5))
              .logDet.dataSync<'float32'>()
              .slice(),
          );
        const all = (x: Tensor): Float32Array =>
          at(net.g, x, (lin) => method.estimate(lin, key(5)).logDet.dataSync<'float32'>().slice());
        // Test small and large systems, which use different algorithms.
        expect(largest(few(easy), all(easy))).toBeLessThan(dim > 16 ? 1e-5 : Number.MIN_VALUE);
        expect(few(hard)).not.toEqual(all(hard));
      });
      net.dispose();
    },
  );

  it('without a gradient, the estimate has no `pair`', () => {
    const { g, dispose } = turning(3, 0.5);
    scoped(() => {
      const of = (tracked: boolean): Estimate =>
        at(g, drawNormal(key(2), [3, 3]), (lin) => solved().estimate(lin, key(3)), tracked);
      expect(of(false)).not.toHaveProperty('pair');
      expect(of(true)).toHaveProperty('pair');
    });
    dispose();
  });
});

it('the error for a wrong option contains the name of the option', () => {
  const create = (options: Record<string, unknown>) => () => logDetEstimators.create({ name: 'solved', options });
  expect(create({ rtol: 0 })).toThrow('[logdet/solved] Wrong rtol: expected a positive number, got 0.');
  expect(create({ maxSteps: 0.5 })).toThrow(
    '[logdet/solved] Wrong maxSteps: expected an integer of at least 1, got 0.5.',
  );
  expect(create({ probe: 'gauss' })).toThrow('[logdet/solved] Unknown probe');
  expect(create({})().bias).toBe('truncated');
});

/**
 * Returns points for which all arguments of the sines in row `b` are near `about[b]`. The nearer `about[b]` is to pi /
 * 2, the smaller is the Jacobian.
 */
function withArguments({ weight, bias }: Turning, dim: number, about: readonly number[], spread: number): Tensor {
  const rows = about.map((center, b) => {
    const wanted = Array.from(normals(key(80 + b), dim), (z, i) => center + spread * z - bias[i]!);
    return Array.from({ length: dim }, (_, j) =>
      wanted.reduce((total, entry, i) => total + weight[i * dim + j]! * entry, 0),
    );
  });
  return tensor2d(rows, [about.length, dim]);
}
