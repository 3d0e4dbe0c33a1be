// Calls `solve` 21 times, and takes the coverage of V8 before and after the last call.
import { takeCoverage } from 'node:v8';
import { cos, tensor2d } from '@tensorflow/tfjs-core';
import { wasm } from '../../packages/backend-wasm/dist/index.js';
import { anderson, solve } from '../../packages/solvers/dist/index.js';

await wasm().start();
const solver = anderson();
const y0 = tensor2d([[0], [3]]);
const once = () => {
  const { value, status } = solve((y) => cos(y), y0, { solver });
  value.dispose();
  return status;
};
for (let i = 0; i < 20; i++) once();
takeCoverage();
const status = once();
takeCoverage();
if (status !== 'converged') throw new Error(`[structure/solve-call] Wrong status: expected converged, got ${status}.`);
