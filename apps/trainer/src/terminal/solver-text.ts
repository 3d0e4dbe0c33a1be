import type { Report, SolveStatistics } from 'impflow';
import { number } from 'impflow/run';
import { table } from './table.ts';

/** What `evaluate --solver` prints. */
interface SolverFigures {
  /** Lines that only one kind of model has. */
  readonly lines?: readonly (readonly string[])[];
  readonly lipschitz: Report['lipschitz'];
  readonly solves: readonly SolveStatistics[];
}

/**
 * Returns the figures that only a reader of the theory needs: accuracy of the solves, Lipschitz bounds, and statistics
 * of the solver with one row for each phase, such as `forward` and `inverse`.
 */
export const solverText = ({ lines = [], lipschitz, solves }: SolverFigures): string => {
  const { layers, largestNorm, largestRatio, bound } = lipschitz;
  const rows = [
    ...lines,
    ...(layers === 0
      ? []
      : [
          [
            'Lipschitz: largest operator norm of a layer',
            `${number(largestNorm, 5)} (${layers} layers, largest norm / cap ${number(largestRatio, 5)})`,
          ],
        ]),
    ...(bound === undefined ? [] : [['Lipschitz: bound of each net, by construction', number(bound)]]),
  ];
  const parts = [
    ...(rows.length === 0 ? [] : [table({ rows })]),
    ...(solves.length === 0 ? [] : [solvesTable(solves)]),
  ];
  return parts.length === 0 ? 'The model has no solver and no Lipschitz bounds.' : parts.join('\n\n');
};

const solvesTable = (solves: readonly SolveStatistics[]): string =>
  table({
    head: ['solves', 'mean steps', 'most', 'samples not converged', 'largest residual'],
    rows: solves.map(({ phase, meanSteps, maxSteps, unconverged, residual }) => [
      phase,
      meanSteps,
      maxSteps,
      number(unconverged),
      number(residual, 2),
    ]),
    digits: 3,
  });
