// Computes a matrix product on the cpu backend.
import { cpu } from '@impflow/backend-cpu';
import { matMul, tensor2d } from '@tensorflow/tfjs-core';

const { name } = await cpu().start();
const product = matMul(
  tensor2d([
    [1, 2],
    [3, 4],
  ]),
  tensor2d([
    [5, 6],
    [7, 8],
  ]),
).dataSync();
console.log(`on ${name}: ${product}`);
process.exitCode = String(product) === '19,22,43,50' ? 0 : 1;
