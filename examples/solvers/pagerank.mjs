// Computes the fixed point of a tensor map: personalized PageRank of a small real graph: node
// examples/solvers/pagerank.mjs
import { anderson, broyden, fixedPoint, linearizeByTape, newton, orThrow, solve } from '@impflow/solvers';
import { add, matMul, mul, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { main } from './main.mjs';

/** @import { Solver } from '@impflow/core' */
/** @import { SolveOptions } from '@impflow/solvers' */
/** @import { Tensor } from '@tensorflow/tfjs-core' */

/**
 * Pairs of members of a karate club (1 to 34) who met outside the club. Source: Zachary, An Information Flow Model for
 * Conflict and Fission in Small Groups, 1977.
 *
 * @type {readonly (readonly [number, number])[]}
 */
export const FRIENDS = [
  '1 2',
  '1 3',
  '1 4',
  '1 5',
  '1 6',
  '1 7',
  '1 8',
  '1 9',
  '1 11',
  '1 12',
  '1 13',
  '1 14',
  '1 18',
  '1 20',
  '1 22',
  '1 32',
  '2 3',
  '2 4',
  '2 8',
  '2 14',
  '2 18',
  '2 20',
  '2 22',
  '2 31',
  '3 4',
  '3 8',
  '3 9',
  '3 10',
  '3 14',
  '3 28',
  '3 29',
  '3 33',
  '4 8',
  '4 13',
  '4 14',
  '5 7',
  '5 11',
  '6 7',
  '6 11',
  '6 17',
  '7 17',
  '9 31',
  '9 33',
  '9 34',
  '10 34',
  '14 34',
  '15 33',
  '15 34',
  '16 33',
  '16 34',
  '19 33',
  '19 34',
  '20 34',
  '21 33',
  '21 34',
  '23 33',
  '23 34',
  '24 26',
  '24 28',
  '24 30',
  '24 33',
  '24 34',
  '25 26',
  '25 28',
  '25 32',
  '26 32',
  '27 30',
  '27 34',
  '28 34',
  '29 32',
  '29 34',
  '30 33',
  '30 34',
  '31 33',
  '31 34',
  '32 33',
  '32 34',
  '33 34',
].map((pair) => /** @type {[number, number]} */ (pair.split(' ').map((member) => Number(member) - 1)));
const MEMBERS = 34;

/** Returns the transition matrix `P [34, 34]`: a walk moves from a member to each friend with equal probability. */
export const steps = () => {
  const odds = Array.from({ length: MEMBERS }, () => new Float32Array(MEMBERS));
  for (const [a, b] of FRIENDS) odds[a][b] = odds[b][a] = 1;
  return odds.map((row) => row.map((edge, _, all) => edge / all.reduce((sum, one) => sum + one, 0)));
};

/**
 * Returns the distribution of a walk that continues with probability `follow` and otherwise restarts; in row `i` the
 * walk restarts at member `i`. The distribution is the fixed point of `x -> follow x P + (1 - follow) I`.
 *
 * @param {Solver} solver
 * @param {Omit<SolveOptions, 'solver'> & { readonly follow?: number }} [options]
 */
export const ranks = (solver, { follow = 0.85, ...options } = {}) => {
  // The types of `tensor2d` do not allow rows of typed arrays.
  const P = tensor2d(/** @type {any} */ (steps()));
  const start = tidy(() =>
    tensor2d(
      Float32Array.from({ length: MEMBERS ** 2 }, (_, at) => Number(at % (MEMBERS + 1) === 0)),
      [MEMBERS, MEMBERS],
    ),
  );
  /** @param {Tensor} x */
  const step = (x) => add(mul(matMul(x, P), follow), mul(start, 1 - follow));
  // Newton's method needs the derivative. The tape gives it for any map of tfjs operations.
  const map = Object.assign(step, { linearize: (/** @type {Tensor} */ x) => linearizeByTape(step, x) });
  const solution = orThrow(solve(map, start, { solver, problem: 'fixed-point', maxSteps: 500, ...options }));
  P.dispose();
  start.dispose();
  return solution;
};

/**
 * Runs the whole program and prints line by line.
 *
 * @param {(line: string) => void} print
 */
export const program = (print) => {
  for (const solver of [fixedPoint(), anderson(), broyden(), newton()]) {
    const {
      value,
      stats: { steps, evaluations, residual },
    } = ranks(solver);
    print(
      `${solver.name}: ${steps} steps, ${evaluations} evaluations, largest residual ${Math.max(...residual).toExponential(1)}`,
    );
    if (solver.name === 'newton') {
      const rows = /** @type {number[][]} */ (value.arraySync());
      for (const member of [1, 34]) {
        const near = [...rows[member - 1].entries()]
          .sort(([, a], [, b]) => b - a)
          .slice(0, 4)
          .map(([i, rank]) => `${i + 1} (${rank.toFixed(3)})`);
        print(`a walk from member ${member} is most often at ${near.join(', ')}`);
      }
    }
    value.dispose();
  }
};

await main(import.meta, program);
