import { wasm } from '@impflow/backend-wasm';
import { fold, key, release, scoped, sizeOf, type Contraction } from '@impflow/core';
import { monotoneBlock } from '@impflow/flows';
import { powerSeries, russianRoulette } from '@impflow/logdet';
import { logAbsDet, moments, onBackend, ripple, ripplePoints } from '@impflow/testkit';
import { mean, tensor2d, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

onBackend(wasm());

const SLOPE = 0.7;
// Makes a contraction that is not from @impflow/lipschitz. The Jacobian is not symmetric, and each linearization can be
// used only once.
const waves = (dim: number): Contraction => ripple({ event: [dim], slope: SLOPE });

interface Host {
  readonly value: readonly number[];
  readonly logDet: number;
}

/**
 * Evaluates the block at one point in float64 and plain JavaScript. Iterates to the fixed point, then computes the
 * determinants of the whole Jacobian by elimination.
 */
const onHost = ({ parameters }: Contraction, x: readonly number[]): Host => {
  const d = x.length;
  const [weight, bias] = [parameters['weight']!.dataSync(), parameters['bias']!.dataSync()];
  const argument = (w: readonly number[]): readonly number[] =>
    w.map((_, i) => w.reduce((total, entry, j) => total + weight[i * d + j]! * entry, bias[i]!));
  let w = x.map((entry) => 2 * entry);
  for (let step = 0; step < 400; step++) {
    const at = argument(w);
    w = x.map((entry, i) => 2 * entry - SLOPE * Math.sin(at[i]!));
  }
  const at = argument(w);
  const onePlus = (sign: number): number =>
    logAbsDet(
      w.map((_, i) => w.map((_entry, j) => (i === j ? 1 : 0) + sign * SLOPE * Math.cos(at[i]!) * weight[i * d + j]!)),
    );
  return { value: w.map((entry, i) => entry - x[i]!), logDet: onePlus(-1) - onePlus(1) };
};

const rowsOf = (x: Tensor): readonly (readonly number[])[] => x.arraySync() as number[][];

it.each([1, 2, 3, 6])('in %i dimensions, value and log-determinant agree with a float64 computation', (dim) => {
  const g = waves(dim);
  scoped(() => {
    const x = ripplePoints([dim], 20);
    const { value, logDet } = monotoneBlock({ g, tolerance: { atol: 1e-6, rtol: 1e-6 } }).forwardWithLogDet(x, {
      key: key(0),
    });
    const logDets = logDet.dataSync();
    rowsOf(x).forEach((point, i) => {
      const expected = onHost(g, point);
      rowsOf(value)[i]!.forEach((entry, k) => expect(Math.abs(entry - expected.value[k]!)).toBeLessThan(2e-5));
      expect(Math.abs(logDets[i]! - expected.logDet)).toBeLessThan(2e-5);
    });
  });
  release(g.parameters);
});

it('in one dimension, slopes of the block range from (1 - L) / (1 + L) to (1 + L) / (1 - L)', () => {
  const g = ripple({ event: [1], slope: SLOPE, weight: [1] });
  const slopes = scoped(() => {
    const x = tensor2d(
      Float32Array.from({ length: 4001 }, (_, i) => (i - 2000) / 500),
      [4001, 1],
    );
    return Array.from(
      monotoneBlock({ g })
        .forwardWithLogDet(x, { key: key(0) })
        .logDet.dataSync(),
      Math.exp,
    );
  });
  const [least, most] = [(1 - SLOPE) / (1 + SLOPE), (1 + SLOPE) / (1 - SLOPE)];
  // The grid has points where the slope of the net is nearly L and nearly -L.
  expect(Math.min(...slopes)).toBeGreaterThan(least * (1 - 1e-5));
  expect(Math.min(...slopes)).toBeLessThan(least * 1.001);
  expect(Math.max(...slopes)).toBeLessThan(most * (1 + 1e-5));
  expect(Math.max(...slopes)).toBeGreaterThan(most * 0.999);
  release(g.parameters);
});

describe('a monotone block with random log-determinants', () => {
  it('the mean of random estimates agrees with the exact log-determinant', () => {
    const g = waves(3);
    const truth = scoped(() =>
      rowsOf(ripplePoints([3], 8)).reduce((total, point) => total + onHost(g, point).logDet / 8, 0),
    );
    const block = monotoneBlock({
      g,
      logDet: russianRoulette({ exactTerms: 4 }),
      tolerance: { atol: 1e-6, rtol: 1e-6 },
    });
    const seen = moments(
      Array.from({ length: 400 }, (_, i) =>
        scoped(() =>
          mean(block.forwardWithLogDet(ripplePoints([3], 8), { key: fold(key(71), i), train: true }).logDet).dataSync(),
        ),
      ),
    );
    // For one choice of keys in 16,000 the error of the mean exceeds 4 standard errors. The keys are fixed.
    expect(Math.abs(seen.mean[0]! - truth)).toBeLessThan(4 * seen.standardError[0]! + 2e-5);
    release(g.parameters);
  });

  it('the even terms of the power series cancel in every single estimate', () => {
    const g = waves(4);
    scoped(() => {
      const x = ripplePoints([4], 6);
      // The second term changes each of the two log-determinants, but not their difference.
      const [one, two, three] = [1, 2, 3].map((terms) =>
        monotoneBlock({ g, logDet: powerSeries({ terms }) })
          .forwardWithLogDet(x, { key: key(72), train: true })
          .logDet.dataSync(),
      );
      one!.forEach((value, i) => expect(Math.abs(value - two![i]!)).toBeLessThan(1e-6));
      expect(one!.some((value, i) => Math.abs(value - three![i]!) > 1e-3)).toBe(true);
    });
    release(g.parameters);
  });
});

it('a monotone block has the parameters of its net, and no others', () => {
  const g = waves(2);
  expect(Object.values(monotoneBlock({ g }).parameters).reduce((total, { shape }) => total + sizeOf(shape), 0)).toBe(6);
  release(g.parameters);
});
