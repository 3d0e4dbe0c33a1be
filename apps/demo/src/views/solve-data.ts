import { count, format } from '../axes.ts';
import type { SolveCurve } from '../protocol/viewer.ts';
import { decades } from './series.ts';

/** Data of the chart of solver residuals. */
interface SolveData {
  /**
   * The first column contains the solver steps, beginning with 0. Two columns per block follow: the median of the
   * residuals, and the largest residual. Residuals of 0 are omitted, because the axis is logarithmic.
   */
  readonly columns: readonly (readonly (number | null)[])[];
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
}

export const solveData = (curves: readonly SolveCurve[]): SolveData => {
  const length = Math.max(2, ...curves.map(({ median }) => median.length));
  const column = (values: readonly number[]): readonly (number | null)[] =>
    Array.from({ length }, (_, step) => {
      const value = values[step];
      return value !== undefined && value > 0 && Number.isFinite(value) ? value : null;
    });
  const tolerances = curves.flatMap(({ tolerance }) => tolerance ?? []);
  return {
    columns: [
      Array.from({ length }, (_, step) => step),
      ...curves.flatMap(({ median, largest }) => [column(median), column(largest)]),
    ],
    x: [0, length - 1],
    y: decades(
      curves.flatMap(({ median, largest }) => [...median, ...largest]),
      tolerances,
    ) ?? [1e-8, 1],
  };
};

/** Describes the solves of all blocks in two sentences. */
export const solvesInWords = (curves: readonly SolveCurve[]): string => {
  const most = Math.max(...curves.map(({ median }) => median.length - 1));
  const worst = Math.max(...curves.map(({ largest }) => largest.at(-1) ?? 0));
  const unconverged = curves.reduce((sum, curve) => sum + curve.unconverged, 0);
  const solvers = [...new Set(curves.map(({ solver }) => solver))].join('; ');
  const end =
    unconverged === 0
      ? 'Every row of every block came below its tolerance.'
      : `${count(unconverged)} ${unconverged === 1 ? 'row' : 'rows'} did not come below the tolerance.`;
  return `After at most ${count(most)} ${most === 1 ? 'step' : 'steps'} of ${solvers}, the largest residual is ${format(worst, 2)}. ${end}`;
};
