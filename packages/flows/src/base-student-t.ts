import { FlowError, rowUniforms, shown } from '@impflow/core';
import { add, log, mul, square, sum, tensor2d } from '@tensorflow/tfjs-core';
import type { BaseDistribution } from './base.ts';

/** Options of {@link studentTBase}. */
export interface StudentTOptions {
  /** Number of coordinates `d`. */
  readonly dim: number;
  /** Degrees of freedom, positive. Default 5. */
  readonly dof?: number;
}

/**
 * A distribution whose coordinates are independent and have Student's t-distribution. The heavy tails keep the
 * log-density of an outlier within the float range.
 *
 * @throws `option` unless `dof` is positive.
 */
export const studentTBase = ({ dim, dof = 5 }: StudentTOptions): BaseDistribution => {
  if (!(typeof dof === 'number' && dof > 0))
    throw new FlowError('option', 'flows/studentTBase', 'Wrong degrees of freedom', {
      expected: 'a positive number',
      got: shown(dof),
    });
  const constant = dim * (logGamma((dof + 1) / 2) - logGamma(dof / 2) - 0.5 * Math.log(dof * Math.PI));
  return Object.freeze<BaseDistribution>({
    name: 'studentT',
    dim,
    parameters: {},
    logProb: (z) => add(mul(-(dof + 1) / 2, sum(log(add(1, mul(square(z), 1 / dof))), 1)), constant),
    // Bailey, Polar Generation of Random Variates with the t-Distribution, 1994.
    sample: (key, rows, temperature = 1) => {
      const u = rowUniforms(key, rows, 2 * dim);
      return tensor2d(
        Float32Array.from(
          { length: rows * dim },
          (_, i) =>
            temperature * Math.sqrt(dof * (u[2 * i]! ** (-2 / dof) - 1)) * Math.cos(2 * Math.PI * u[2 * i + 1]!),
        ),
        [rows, dim],
      );
    },
  });
};

/**
 * Returns `log Gamma(x)` for `x > 0`. Shifts `x` to at least 8, then evaluates Stirling's series. Error below 1e-12.
 */
export const logGamma = (x: number): number => {
  let shift = 0;
  let y = x;
  while (y < 8) {
    shift += Math.log(y);
    y += 1;
  }
  const inverse = 1 / (y * y);
  const series = (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse / 1680))) / y;
  return (y - 0.5) * Math.log(y) - y + 0.5 * Math.log(2 * Math.PI) + series - shift;
};
