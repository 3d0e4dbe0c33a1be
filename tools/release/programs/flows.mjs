// Computes the round-trip error and densities of a flow with random weights.
import '@tensorflow/tfjs-backend-cpu';
import { fold, key, drawNormal } from '@impflow/core';
import { buildFlow, toyPreset } from '@impflow/flows';
import { abs, max, mean, sub } from '@tensorflow/tfjs-core';

const flow = buildFlow(toyPreset({ blocks: 2, hidden: [16, 16] }), { key: key(0) }),
  x = drawNormal(key(1), [100, 2]);
Object.values(flow.parameters).forEach((weight, i) => weight.assign(drawNormal(fold(key(2), i), weight.shape)));
flow.refresh({ tolerance: 1e-5 });
const error = max(abs(sub(flow.decode(flow.encode(x)), x))).dataSync()[0];
console.log(
  `an implicit flow in 2 dimensions: the round trip of 100 points is off by ${error.toExponential(1)}, mean log-density ${mean(flow.logProb(x)).dataSync()[0].toFixed(3)}`,
);
process.exitCode = error < 1e-4 ? 0 : 1;
