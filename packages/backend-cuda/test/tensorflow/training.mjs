// Program for profiler.test.ts. The program computes the gradients of a net repeatedly, as a training does.
import { drawNormal, key, release, valueAndGradients } from '@impflow/core';
import { mlp } from '@impflow/lipschitz';
import { mul, sum, variable } from '@tensorflow/tfjs-core';
import { cpuBuild } from '../../dist/tensorflow.js';

await cpuBuild({ threads: 1 }).start();
const net = mlp({ dim: 2, hidden: [128, 128], coeff: 0.9, key: key(1) });
const x = variable(drawNormal(key(2), [500, 2]));
const cotangents = drawNormal(key(3), [500, 2]);
for (let i = 0; i < 400; i++) {
  release(valueAndGradients(() => sum(mul(net.apply(x), cotangents)), { x, ...net.parameters }));
}
