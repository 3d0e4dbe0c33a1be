// Prints the functions that one call of `solve` calls, as JSON: `[{ file, functions }]`.
import { callCounter } from './calls.mjs';

/** Number of calls before the counted one. */
const BEFORE = 20;

const calls = callCounter();
const { wasm } = await import('../../packages/backend-wasm/dist/index.js');
const { anderson, solve } = await import('../../packages/solvers/dist/index.js');
const { cos, tensor2d } = await import('@tensorflow/tfjs-core');

await wasm().start();
const solver = anderson();
const y0 = tensor2d([[0], [3]]);
const once = () => {
  const { value, status } = solve((y) => cos(y), y0, { solver });
  value.dispose();
  return status;
};
for (let i = 0; i < BEFORE; i++) once();
calls();
const status = once();
const files = calls();
if (status !== 'converged') throw new Error(`[structure/solve-call] Wrong status: expected converged, got ${status}.`);
process.stdout.write(JSON.stringify(files));
