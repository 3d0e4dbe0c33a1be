// Compares log det (I + J) of a batch of random 2 x 2 matrices with its formula.
import '@tensorflow/tfjs-backend-cpu';
import { eliminate, identity, key, drawNormal } from '@impflow/core';
import { add, mul, ones } from '@tensorflow/tfjs-core';

const J = mul(0.2, drawNormal(key(7), [5, 2, 2]));
const { logDet } = eliminate(add(identity(2), J), ones([5, 2, 1]));
const error = J.arraySync().map(([[a, b], [c, d]], i) =>
  Math.abs(Math.log((1 + a) * (1 + d) - b * c) - logDet.arraySync()[i]),
);
console.log(`log det (I + J) of 5 matrices is off by ${Math.max(...error).toExponential(1)}`);
process.exitCode = Math.max(...error) < 1e-6 ? 0 : 1;
