// Computes a matrix product and a gradient on the wasm backend.
import { wasm } from '@impflow/backend-wasm';
import { grad, matMul, ones, sin, sum } from '@tensorflow/tfjs-core';

const {
  name,
  capabilities: { kernels },
} = await wasm().start();
const slope = grad((x) => sum(matMul(sin(x), ones([300, 1]))))(ones([200, 300])).dataSync();
console.log(`on ${name} with ${kernels} kernels: the derivative of a sine at 1 is ${slope[0].toFixed(6)}`);
process.exitCode = slope.every((one) => Math.abs(one - Math.cos(1)) < 1e-6) ? 0 : 1;
