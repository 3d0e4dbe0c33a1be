// Solves a system of nonlinear equations, for the acidity of seawater, for a batch of right-hand sides: node
// examples/solvers/seawater.mjs
import { anderson, broyden, implicit, linearizeByTape, newton, orThrow, solve } from '@impflow/solvers';
import {
  add,
  div,
  exp,
  fill,
  grad,
  mul,
  reshape,
  slice,
  stack,
  sub,
  sum,
  tensor1d,
  tensor2d,
  tidy,
  tile,
  unstack,
} from '@tensorflow/tfjs-core';
import { main } from './main.mjs';

/** @import { FlowError, Solution, Solver } from '@impflow/core' */
/** @import { SolveOptions } from '@impflow/solvers' */
/** @import { Tensor } from '@tensorflow/tfjs-core' */

/** @typedef {Omit<SolveOptions, 'solver'>} Options */

/**
 * Constants of seawater at 25 degrees and salinity 35, in mmol/kg: Lueker, Dickson, Keeling, 2000, and Dickson, Sabine,
 * Christian, Guide to Best Practices for Ocean CO2 Measurements, 2007.
 */
export const K1 = 1e3 * 10 ** -5.8472,
  K2 = 1e3 * 10 ** -8.966,
  KW = 1e6 * 10 ** -13.2173;
const START = [1e-5, 0.01, 1.8, 0.2].map(Math.log);

/**
 * Four equations `F(y) = 0` for the logarithms `y [B, 4]` of hydrogen ions, carbon dioxide, bicarbonate and carbonate:
 * two chemical equilibria, the total carbon `[B]` and the alkalinity `[B]` of each sample.
 *
 * @param {Tensor} y
 * @param {Tensor} carbon
 * @param {Tensor} alkalinity
 */
export const system = (y, carbon, alkalinity) => {
  const [h, co2, hco3, co3] = unstack(y, 1);
  const [H, CO2, HCO3, CO3] = [h, co2, hco3, co3].map((log) => exp(log));
  return stack(
    [
      sub(sub(add(h, hco3), co2), Math.log(K1)),
      sub(sub(add(h, co3), hco3), Math.log(K2)),
      sub(div(add(add(CO2, HCO3), CO3), carbon), 1),
      sub(sub(add(add(HCO3, mul(CO3, 2)), div(KW, H)), H), alkalinity),
    ],
    1,
  );
};

/** @param {number} samples */
const startFor = (samples) => tile(tensor2d([START]), [samples, 1]);

/**
 * Returns the solution for each sample, converged or not: check `status` and `stats.converged`, or pass it to
 * `orThrow`.
 *
 * @param {Tensor} carbon
 * @param {Tensor} alkalinity
 * @param {Solver} [solver]
 * @param {Options} [options]
 * @returns {Solution}
 */
export const balance = (carbon, alkalinity, solver = newton(), options = {}) =>
  tidy(() => {
    /** @param {Tensor} y */
    const f = (y) => system(y, carbon, alkalinity);
    const map = Object.assign(f, { linearize: (/** @type {Tensor} */ y) => linearizeByTape(f, y) });
    // `tidy` keeps the tensors in a solution, but the types of `tidy` do not allow a solution as result.
    return /** @type {any} */ (solve(map, startFor(carbon.size), { solver, maxSteps: 100, ...options }));
  });

/**
 * Returns the pH, `[B]`, differentiable with respect to carbon and alkalinity.
 *
 * @param {Tensor} carbon
 * @param {Tensor} alkalinity
 */
export const acidity = (carbon, alkalinity) => {
  const map = Object.assign(system, {
    /**
     * @param {Tensor} y
     * @param {readonly Tensor[]} inputs
     */
    linearize: (y, [c, a]) => linearizeByTape((at) => system(at, c, a), y),
  });
  const { value } = implicit(map, startFor(carbon.size), {
    solver: newton(),
    maxSteps: 100,
    divergence: Infinity,
    inputs: [carbon, alkalinity],
  });
  return sub(3, div(reshape(slice(value, [0, 0], [-1, 1]), [-1]), Math.LN10));
};

/** @param {Solution} solution */
const marks = ({ stats: { converged } }) => [...converged].map((done) => (done === 1 ? '+' : '-')).join('');

/**
 * Runs the whole program and prints line by line.
 *
 * @param {(line: string) => void} print
 */
export const program = (print) => {
  const alkalinity = [2.8, 2.5, 2.3, 2, 1.5, 1, 0.5, 0, -0.5, -1];
  const [carbon, base] = [fill([alkalinity.length], 2), tensor1d(alkalinity)];
  // The solutions of the last samples are acid, far from the initial value. Newton's first step leads even farther
  // away, and the last sample counts as diverged unless `divergence` allows larger residuals.
  /** @type {Readonly<Record<string, readonly [solver: Solver, options?: Options]>>} */
  const solvers = {
    anderson: [anderson()],
    broyden: [broyden()],
    'broyden, then newton': [broyden(), { fallback: [newton()] }],
    newton: [newton()],
    'newton, nothing is lost': [newton(), { divergence: Infinity }],
  };
  for (const [name, [solver, options]] of Object.entries(solvers)) {
    const solution = balance(carbon, base, solver, options);
    print(`${marks(solution)} ${name}: ${solution.status}, ${solution.stats.steps} steps`);
    solution.value.dispose();
  }
  const ph = /** @type {number[]} */ (acidity(carbon, base).arraySync());
  const slope = /** @type {number[]} */ (grad((at) => sum(acidity(carbon, at)))(base).arraySync());
  alkalinity.forEach((value, i) =>
    print(`alkalinity ${value} mmol/kg: pH ${ph[i].toFixed(3)}, and ${slope[i].toFixed(2)} more for each mmol/kg`),
  );
  // These samples have no solution: carbon cannot be negative, and one alkalinity is NaN.
  const impossible = balance(tensor1d([2, -1, 2]), tensor1d([2.3, 2.3, NaN]));
  print(
    `${marks(impossible)} impossible samples: ${impossible.status}, residuals ${[...impossible.stats.residual].map((size) => size.toExponential(1)).join(', ')}`,
  );
  try {
    orThrow(impossible);
  } catch (error) {
    const { code, message } = /** @type {FlowError} */ (error);
    print(`${code}: ${message}`);
  }
};

await main(import.meta, program);
