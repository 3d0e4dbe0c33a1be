import { isFlowError, key, normals, scoped, type LogDetEstimator } from '@impflow/core';
import { tensor, zerosLike } from '@tensorflow/tfjs-core';
import { expectAgreement } from './agree.ts';
import { at, rows } from './estimator-measures.ts';
import { ripple, rippleLogDet } from './ripple.ts';
import { rounding } from './rounding.ts';

/** Numbers of entries of an event. */
const WIDTHS = [12, 33, 64];
/** Lipschitz bound of the maps. */
const SLOPE = 0.95;
/** Share of a random matrix of norm at most 1 in the weights. */
const RANDOM = 0.1;

/**
 * Shares of the identity and of a cyclic shift in the weights. A map near the identity has large log-determinants; the
 * Jacobian of a map with a shift is far from symmetric.
 */
const MATRICES = [
  ['a Jacobian with a cyclic shift', 0.2, 0.7],
  ['a nearly diagonal Jacobian', 0.9, 0],
] as const;

/**
 * Compares an exact method with float64: log-determinants, tracked and untracked, and their derivative along one
 * direction of the points.
 *
 * @remarks The norm of `(I + J)^-1` is at most `1 / (1 - 0.95) = 20`. An error `E` of the Jacobian or of the elimination
 * changes the log-determinant by `tr((I + J)^-1 E)`, at most `d * 20 |E|`. It changes the derivative
 * `tr((I + J)^-1 dJ)` by at most `d |(I + J)^-1|^2 |E| |dJ|`. `|E|` is about one rounding error of a sum of `d`
 * products. The inverses of these Jacobians have norms of about 5 and the derivatives `dJ` of about 0.5, so the bound of
 * the log-determinant is used for the derivative too. The method `exact` of package logdet has errors of 1e-6.
 */
export const expectExact = (method: LogDetEstimator): void => {
  if (method.bias !== 'exact') return;
  for (const d of WIDTHS) {
    try {
      for (const matrix of MATRICES) scoped(() => compare(method, d, matrix));
    } catch (error) {
      // A method may limit the number of entries.
      if (!(isFlowError(error) && error.code === 'unsupported')) throw error;
    }
  }
};

const compare = (method: LogDetEstimator, d: number, [name, identity, shift]: (typeof MATRICES)[number]): void => {
  const draw = normals(key(34), d * d);
  const size = Math.hypot(...draw);
  const weight = Array.from(draw, (z, i) => {
    const [row, column] = [Math.floor(i / d), i % d];
    return (RANDOM * z) / size + (row === column ? identity : 0) + (row === (column + 1) % d ? shift : 0);
  });
  const g = ripple({ event: [d], slope: SLOPE, weight });
  // The arguments of the sine are near zero in the first row, and near pi in the second row.
  const bias = g.parameters['bias']!;
  bias.assign(zerosLike(bias));
  const near = normals(key(35), 2 * d);
  const x = tensor(
    Float32Array.from(near, (z, i) => 0.7 * z + (i < d ? 0 : Math.PI)),
    [2, d],
  );
  const direction = normals(key(36), d).map((z) => z / Math.sqrt(d));
  const truths = rows(g, x).map(([w, b, point]) => {
    const along = (step: number): number =>
      rippleLogDet(
        SLOPE,
        w,
        b,
        Array.from(point, (entry, i) => entry + step * direction[i]!),
      );
    return { logDet: along(0), slope: (along(1e-4) - along(-1e-4)) / 2e-4 };
  });
  const tolerance = 20 * d * rounding(d);
  const what = `${name}, ${d} entries`;
  for (const tracked of [false, true]) {
    at(g, x, tracked, (lin) => {
      const { logDet, pair } = method.estimate(lin, key(37));
      expectAgreement(
        logDet.dataSync(),
        truths.map((truth) => truth.logDet),
        { what: `the log-determinant of ${what}, tracked: ${tracked}`, tolerance },
      );
      if (!tracked) return;
      const gradient = lin.pullback({ pair: pair! }).x.dataSync();
      expectAgreement(
        truths.map((_, row) => direction.reduce((total, entry, i) => total + entry * gradient[row * d + i]!, 0)),
        truths.map(({ slope }) => slope),
        { what: `the derivative of the log-determinant of ${what}`, tolerance },
      );
    });
  }
};
