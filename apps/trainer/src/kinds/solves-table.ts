import type { SolveStatistics } from '../measure/solve-statistics.ts';
import { number, table } from '../terminal/table.ts';

/** A line for each kind of solve. */
export const solvesTable = (solves: readonly SolveStatistics[]): string => table({
  head: ['solves', 'mean steps', 'most', 'samples not converged', 'largest residual'],
  rows: solves.map(({ phase, meanSteps, maxSteps, unconverged, residual }) => [phase, meanSteps, maxSteps, number(unconverged), number(residual, 2)]), digits: 3,
});
