// Solves x = cos(x) for a batch with the crossed secant method.
import '@tensorflow/tfjs-backend-cpu';
import { crossedSecant } from '@impflow/solver-crossed-secant';
import { orThrow, solve } from '@impflow/solvers';
import { cos, tensor2d } from '@tensorflow/tfjs-core';

const { value, stats } = orThrow(solve(cos, tensor2d([[0.2], [1], [3]]), { solver: crossedSecant() }));
console.log(`x = cos(x) at ${value.dataSync()[0].toFixed(6)} after ${stats.steps} steps`);
process.exitCode = value.dataSync().every((x) => Math.abs(x - 0.7390851332151607) < 2e-6) ? 0 : 1;
