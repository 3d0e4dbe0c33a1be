// Solves x = cos(x) for a batch.
import '@tensorflow/tfjs-backend-cpu';
import { anderson, orThrow, solve } from '@impflow/solvers';
import { cos, tensor2d } from '@tensorflow/tfjs-core';

const starts = tensor2d([[-3], [0], [1], [20]]);
const { value, status, stats } = orThrow(solve(cos, starts, { solver: anderson() }));
console.log(
  `x = cos(x) at ${[...value.dataSync()].map((x) => x.toFixed(6)).join(', ')}: ${status} after ${stats.steps} steps`,
);
process.exitCode = value.dataSync().every((x) => Math.abs(x - 0.7390851332151607) < 2e-6) ? 0 : 1;
