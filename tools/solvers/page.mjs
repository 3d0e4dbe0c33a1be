// Writes docs/solvers-scipy.md from the results.
import { machine, versions } from '../bench/machine.mjs';
import { table } from '../markdown.mjs';

/** @import { Family } from './problems.mjs' */

/**
 * The starts of one family that a method solved, and its median evaluations for them. `wrong` counts answers that it
 * called converged and that are not solved.
 *
 * @typedef {{ solved: number; evaluations: number; wrong: number }} Judged
 */

/**
 * The text of the page.
 *
 * @param {object} results
 * @param {readonly Family[]} results.families
 * @param {Readonly<Record<string, Readonly<Record<string, Judged>>>>} results.methods
 * @param {Readonly<Record<'python' | 'scipy' | 'numpy', string>>} results.versions
 * @param {number} results.tolerance
 * @param {number} results.bound
 * @param {number} results.maxSteps
 * @param {string} results.today
 */
export const pageOf = ({ families, methods, versions: python, tolerance, bound, maxSteps, today }) => {
  const [m, v] = [machine(), versions()];
  const names = families.map(({ name }) => name);
  const count = families.reduce((total, { starts }) => total + starts.length, 0);
  /** @param {readonly number[]} numbers */
  const sum = (numbers) => numbers.reduce((total, n) => total + n, 0);
  /** @param {Judged} judged */
  const cell = ({ solved, evaluations }) => (solved === 0 ? '0' : `${solved} (${Math.round(evaluations)})`);
  return [
    "# Our solvers and SciPy's",
    '',
    `Written by \`npm run solvers\` on ${today}: ${m.cores} cores of ${m.cpu}, Node ${v.node}, tfjs ` +
      `${v.tfjs}, commit ${v.impflow}; Python ${python.python}, SciPy ${python.scipy}, NumPy ` +
      `${python.numpy}.`,
    '',
    `The same ${count} problems for both: ${families.length} families with ${families[0].starts.length} random starts each. The first four are contractions, as in flows; the last four are not.`,
    `Each cell has the number of starts that were solved, and in brackets the median number of evaluations of those.`,
    ...table(
      ['method', ...names, `all ${count}`, 'wrong'],
      Object.entries(methods).map(([method, found]) => [
        method.startsWith('SciPy') ? method : `\`${method}\``,
        ...names.map((name) => cell(found[name])),
        sum(names.map((name) => found[name].solved)),
        sum(names.map((name) => found[name].wrong)),
      ]),
    ),
    `- A start is solved where the norm of the residual is at most ${bound.toExponential()}. A program ` +
      'in float64 computes it from the answer, for both sides alike. Ours compute in float32, SciPy in ' +
      'float64.',
    '- "wrong" counts answers that a method called converged, and that are not solved.',
    `- Every method has its default options. It stops at a residual norm of ${tolerance.toExponential()}, and after ${maxSteps} steps at most. \`hybr\` stops by its own defaults.`,
    '- The Jacobian that `newton` asks for counts as one evaluation a dimension, as the differences of `hybr` do.',
    `- In the order of the columns the dimensions are ${families.map(({ dim }) => dim).join(', ')}. [tools/solvers/problems.mjs](../tools/solvers/problems.mjs) has the problems.`,
    '',
  ]
    .join('\n')
    .replace(/\n{3,}/gu, '\n\n');
};
