import { type SolveStatistics, number } from 'impflow/run';
import { table } from './table.ts';

/**
 * Returns a table with statistics of the equation solves. The table has one row for each phase, such as `forward` and
 * `inverse`.
 */
export const solvesTable = (solves: readonly SolveStatistics[]): string =>
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
