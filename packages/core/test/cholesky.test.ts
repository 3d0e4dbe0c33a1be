import { choleskyInPlace, key, normals } from '@impflow/core';
import { describe, expect, it } from 'vitest';

const d = 7;
/** Returns `B B^T` for a random `B [d, rank]`. */
const covariance = (rank: number): Float64Array => {
  const B = normals(key(1), d * rank);
  return Float64Array.from({ length: d * d }, (_, at) => {
    let sum = 0;
    for (let k = 0; k < rank; k++) sum += B[Math.floor(at / d) * rank + k]! * B[(at % d) * rank + k]!;
    return sum;
  });
};

describe('`choleskyInPlace`', () => {
  it('`choleskyInPlace` computes a lower triangle L with L L^T equal to the covariance', () => {
    const S = covariance(9),
      L = S.slice();
    expect(choleskyInPlace(L, d)).toBe(-1);
    for (let i = 0; i < d; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = 0;
        for (let k = 0; k <= j; k++) sum += L[i * d + k]! * L[j * d + k]!;
        expect(Math.abs(sum - S[i * d + j]!)).toBeLessThan(1e-13 * S[i * d + i]! + 1e-13 * S[j * d + j]!);
      }
      expect(L.slice(i * d + i + 1, (i + 1) * d)).toEqual(S.slice(i * d + i + 1, (i + 1) * d));
    }
  });

  it('`choleskyInPlace` returns the index of the first row that is a linear combination of earlier rows', () => {
    expect(choleskyInPlace(covariance(4), d, 1e-12)).toBe(4);
    expect(choleskyInPlace(Float64Array.of(1, 0, 0, 0), 2)).toBe(1);
    expect(choleskyInPlace(Float64Array.of(NaN), 1)).toBe(0);
  });
});
