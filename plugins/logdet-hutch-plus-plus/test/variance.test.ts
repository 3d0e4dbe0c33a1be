import { wasm } from '@impflow/backend-wasm';
import {
  key,
  drawNormal,
  normals,
  release,
  scoped,
  type Contraction,
  type Key,
  type LogDetEstimator,
} from '@impflow/core';
import { powerSeries } from '@impflow/logdet';
import { hutchPlusPlus, type HutchPlusPlusOptions } from '@impflow/logdet-hutch-plus-plus';
import { onBackend, ripple, rippleLogDet } from '@impflow/testkit';
import { abs, matMul, reshape, slice, tensor, zeros, zerosLike } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { orthonormal, without } from '../src/orthonormal.ts';

onBackend(wasm());

const DIM = 10;
const TERMS = 12;
const SLOPE = 0.8;

/** Returns the matrix `sum_k s_k u_k u_k^T` with the columns `u_k` of a random orthogonal matrix. */
const symmetric = (spectrum: readonly number[]): readonly number[] =>
  scoped(() => {
    const columns = Array.from(orthonormal(drawNormal(key(51), [DIM, 1, DIM])).dataSync());
    return Array.from({ length: DIM * DIM }, (_, at) =>
      spectrum.reduce(
        (total, s, k) => total + s * columns[k * DIM + Math.floor(at / DIM)]! * columns[k * DIM + (at % DIM)]!,
        0,
      ),
    );
  });

/** Returns a map whose Jacobian at the origin is `SLOPE` times the matrix. */
const linearAtZero = (spectrum: readonly number[]): Contraction => {
  const g = ripple({ event: [DIM], slope: SLOPE, weight: symmetric(spectrum) });
  scoped(() => g.parameters['bias']!.assign(zerosLike(g.parameters['bias']!)));
  return g;
};

/** Returns independent estimates at the origin, computed as the rows of one call. */
const estimates = (method: LogDetEstimator, g: Contraction, k: Key, rows: number): readonly number[] =>
  scoped(() => {
    const at = g.linearize(zeros([rows, DIM]), { tracked: false });
    const logDets = Array.from(method.estimate(at, k).logDet.dataSync());
    at.dispose();
    return logDets;
  });

const variance = (numbers: readonly number[]): number => {
  const mean = numbers.reduce((total, x) => total + x, 0) / numbers.length;
  return numbers.reduce((total, x) => total + (x - mean) ** 2, 0) / (numbers.length - 1);
};

const truth = (g: Contraction): number =>
  rippleLogDet(SLOPE, g.parameters['weight']!.dataSync(), new Float64Array(DIM), new Float64Array(DIM));

describe('the variance of Hutch++', () => {
  const ROWS = 1000;
  const options: HutchPlusPlusOptions = { sketch: 4, probes: 4, terms: TERMS };
  // Hutch++ needs 4 products for the sketch and 8 products for each term. The 9 plain probes need at least as many
  // products.
  const rival = powerSeries({ terms: TERMS, probes: 9 });

  // If the kurtosis is at most 10, the ratio of two sample variances of 1,000 numbers is within a factor 2 of the true
  // ratio, except for one choice of keys in a million. A factor 2 is 5 standard errors of the logarithm of the ratio;
  // one standard error is sqrt(2 (kurtosis - 1) / 1,000).
  it('if the spectrum decays fast, the variance of Hutch++ is at most a fifth of the variance of plain probes', () => {
    const g = linearAtZero(Array.from({ length: DIM }, (_, k) => 0.5 ** k));
    const [ours, theirs] = [hutchPlusPlus(options), rival].map((method, i) =>
      variance(estimates(method, g, key(60 + i), ROWS)),
    );
    expect(theirs! / ours!).toBeGreaterThan(2 * 5);
    release(g.parameters);
  });

  it('if the spectrum is flat, the variances of Hutch++ and of plain probes are similar', () => {
    const g = linearAtZero(Array.from({ length: DIM }, (_, k) => (k % 2 === 0 ? 1 : -1)));
    const [ours, theirs] = [hutchPlusPlus(options), rival].map((method, i) =>
      variance(estimates(method, g, key(62 + i), ROWS)),
    );
    expect(ours! / theirs!).toBeLessThan(2 * 2);
    release(g.parameters);
  });
});

describe('estimates by Hutch++ have no noise', () => {
  const decaying = Array.from({ length: DIM }, (_, k) => 1 - k / DIM);
  it.each<readonly [string, HutchPlusPlusOptions, readonly number[]]>([
    ['the sketch spans the space', { sketch: DIM }, decaying],
    ['more columns are requested than there are dimensions', { sketch: 3 * DIM }, decaying],
    ['the sketch spans the range of the Jacobian', { sketch: 2 }, [1, -0.7]],
    ['the sketch has more columns than the rank', { sketch: 8 }, [1, -0.7]],
    ['the Jacobian is zero', {}, []],
  ])('if %s', (_name, options, spectrum) => {
    const g = linearAtZero(spectrum);
    // The sum of all terms after the first 60 is below float32 precision: 10 0.8^61 / 61 / 0.2 = 1e-6.
    for (const value of estimates(hutchPlusPlus({ ...options, probes: 1, terms: 60 }), g, key(64), 20))
      expect(Math.abs(value - truth(g))).toBeLessThan(2e-5);
    release(g.parameters);
  });
});

describe('the basis of the sketch', () => {
  it('the basis is orthonormal and spans the vectors of each sample, and a linearly dependent vector becomes zero', () =>
    scoped(() => {
      const [K, B, d] = [4, 3, 6];
      const values = normals(key(65), K * B * d);
      const at = (k: number, b: number): number => (k * B + b) * d;
      for (let i = 0; i < d; i++) {
        values[at(2, 1) + i] = values[at(0, 1) + i]! - 2 * values[at(1, 1) + i]!;
        values[at(0, 2) + i] = 0;
      }
      const vectors = tensor(Float32Array.from(values), [K, B, d]);
      const q = orthonormal(vectors);
      const products = (b: number): readonly (readonly number[])[] => {
        const own = reshape(slice(q, [0, b, 0], [K, 1, d]), [K, d]);
        return matMul(own, own, false, true).arraySync() as number[][];
      };
      const missing: readonly (number | undefined)[] = [undefined, 2, 0];
      for (const [b, gone] of missing.entries()) {
        products(b).forEach((row, i) =>
          row.forEach((entry, j) => expect(entry).toBeCloseTo(i === j && i !== gone ? 1 : 0, 5)),
        );
      }
      expect(Math.max(...abs(without(q, vectors)).dataSync())).toBeLessThan(1e-5);
    }));
});
