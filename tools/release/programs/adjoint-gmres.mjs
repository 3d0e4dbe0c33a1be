// Computes the derivative of the solution of x = 0.5 sin(x) + b. GMRES solves the adjoint system.
import '@tensorflow/tfjs-backend-cpu';
import { gmres } from '@impflow/adjoint-gmres';
import { registerGradients } from '@impflow/core';
import { anderson, implicit } from '@impflow/solvers';
import { add, mul, sin, sum, tensor2d, valueAndGrad, zerosLike } from '@tensorflow/tfjs-core';
await registerGradients();
const b = tensor2d([
    [1, 2],
    [-3, 0],
  ]),
  at = (b) =>
    implicit((x, b) => add(mul(0.5, sin(x)), b), zerosLike(b), { solver: anderson(), inputs: [b], adjoint: gmres() })
      .value;
const [x, slope] = [at(b).dataSync(), valueAndGrad((b) => sum(at(b)))(b).grad.dataSync()];
console.log(`dx/db: ${[...slope].map((one) => one.toFixed(5)).join(', ')}`);
process.exitCode = slope.every((one, i) => Math.abs(one - 1 / (1 - 0.5 * Math.cos(x[i]))) < 1e-4) ? 0 : 1;
