// Compares Hutch++ with the exact log-determinant. With one direction for each dimension, Hutch++ has no random error.
import '@tensorflow/tfjs-backend-cpu';
import { key, drawNormal } from '@impflow/core';
import { dense, sequential, sinActivation } from '@impflow/lipschitz';
import { exact } from '@impflow/logdet';
import { hutchPlusPlus } from '@impflow/logdet-hutch-plus-plus';
const g = sequential([4], [dense({ inputs: 4, outputs: 4, coeff: 0.8, key: key(1) }), sinActivation()]),
  at = g.linearize(drawNormal(key(2), [50, 4]));
const [a, b] = [exact(), hutchPlusPlus({ sketch: 4, terms: 60 })].map((one) =>
    one.estimate(at, key(3)).logDet.dataSync(),
  ),
  error = Math.max(...a.map((one, i) => Math.abs(one - b[i])));
console.log(`log det (I + J) of 50 points is off by ${error.toExponential(1)}`);
process.exitCode = error < 1e-4 ? 0 : 1;
