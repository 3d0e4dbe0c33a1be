import type { SolveReport } from '@impflow/core';

/**
 * Merges the solve reports of several workers, each for a part of a batch, into reports on the whole batch. For each
 * phase and block of the model, the i-th reports of all parts belong to one solve. A merged report contains the rows of
 * all parts in order, and the largest number of steps of any part.
 */
export const mergeReports = (parts: readonly (readonly SolveReport[])[]): readonly SolveReport[] => {
  const merged = new Map<string, SolveReport>();
  for (const part of parts) {
    const seen: Record<string, number> = {};
    for (const report of part) {
      const solve = `${report.phase} ${report.at}`;
      const id = `${solve} ${(seen[solve] = (seen[solve] ?? 0) + 1)}`;
      const before = merged.get(id);
      merged.set(id, before === undefined ? report : together(before, report));
    }
  }
  return [...merged.values()];
};

const together = (a: SolveReport, b: SolveReport): SolveReport => ({
  ...a,
  status: a.status === 'converged' ? b.status : a.status,
  stats: {
    solver: a.stats.path.length >= b.stats.path.length ? a.stats.solver : b.stats.solver,
    steps: Math.max(a.stats.steps, b.stats.steps),
    evaluations: Math.max(a.stats.evaluations, b.stats.evaluations),
    residual: joined(
      new Float32Array(a.stats.residual.length + b.stats.residual.length),
      a.stats.residual,
      b.stats.residual,
    ),
    converged: joined(
      new Uint8Array(a.stats.converged.length + b.stats.converged.length),
      a.stats.converged,
      b.stats.converged,
    ),
    status: [...a.stats.status, ...b.stats.status],
    path: a.stats.path.length >= b.stats.path.length ? a.stats.path : b.stats.path,
  },
});

const joined = <A extends Float32Array | Uint8Array>(out: A, a: A, b: A): A => {
  out.set(a);
  out.set(b, a.length);
  return out;
};
