// Solves x + sin(x) = b with DF-SANE, for a batch of three values of b.
import '@tensorflow/tfjs-backend-cpu';
import { dfSane } from '@impflow/solver-df-sane';
import { orThrow, solve } from '@impflow/solvers';
import { abs, add, sin, sub, tensor2d } from '@tensorflow/tfjs-core';

const b = tensor2d([[1], [2], [-3]]),
  F = (x) => sub(add(x, sin(x)), b);
const { value, stats } = orThrow(solve(F, b, { solver: dfSane(), problem: 'root' })),
  residual = abs(F(value)).dataSync();
console.log(`x + sin(x) = b after ${stats.steps} steps, residual ${Math.max(...residual).toExponential(1)}`);
process.exitCode = residual.every((one) => one < 1e-5) ? 0 : 1;
