import { advance, attempt, kept, scoped, type Attempt, type SolveEnd, type SolveStats } from '@impflow/core';
import { add, cast, concat, zeros, type Tensor } from '@tensorflow/tfjs-core';
import { evidence, judgedBy, type Progress } from './progress.ts';
import type { OnEnd } from './solve-options.ts';
import type { Counted, Turn } from './turn.ts';

type Judged = Pick<Progress, 'residual' | 'tolerance' | 'latest' | 'limit'>;

/**
 * Runs the solvers without checks, each with the number of steps of the attempt, at most its own. A fallback runs only
 * in attempts that have more steps than the solver before it may make. Converged samples do not change, so surplus
 * steps only cost time. `taken [B]` holds the number of steps that each sample needed.
 */
export const runUnchecked = (
  turns: readonly Turn[],
  samples: number,
  { steps: granted }: Attempt,
): Counted & { readonly progress: Progress & { readonly taken: Tensor } } => {
  const path: string[] = [];
  let steps = 0;
  let last: (Progress & { readonly taken: Tensor }) | undefined;
  for (const { method, most, begin, next } of turns) {
    path.push(method.name);
    let progress = scoped(() => ({ ...begin(last), taken: last?.taken.clone() ?? zeros([samples]) }));
    for (let step = 0; step < Math.min(most, granted); step++) {
      progress = advance(progress, (p) => ({ ...next(p, true), taken: add(p.taken, cast(p.active, 'float32')) }));
      steps += 1;
    }
    last = progress;
    if (granted <= most) break;
  }
  return { progress: last!, steps, path };
};

/**
 * Returns the end of a run without checks, with the status `unread`; `settle` of core reads the result later.
 * `taken [B]` holds the steps of each sample, for a method that has steps. Until then only the figures in `counted` are
 * known.
 */
export const endLater = (
  at: string,
  judged: Judged & { readonly taken?: Tensor },
  counted: Omit<SolveStats, 'residual' | 'converged' | 'status'>,
  onEnd?: OnEnd,
): SolveEnd => {
  const { taken } = judged;
  const numbers = kept(() => concat([evidence(judged), ...(taken === undefined ? [] : [taken])]));
  const samples = judged.residual.size;
  attempt(at).leave({
    drop: () => numbers.dispose(),
    read: async () => {
      const read = (await numbers.data<'float32'>()) as Float32Array;
      numbers.dispose();
      const { status, residual, converged, each, hopeful } = judgedBy(read.subarray(0, 4 * samples));
      const steps = taken === undefined ? 0 : read.subarray(4 * samples).reduce((most, n) => Math.max(most, n), 0);
      return {
        steps,
        hopeful: taken !== undefined && hopeful,
        tell: () =>
          onEnd?.({
            status,
            stats: { ...counted, ...(taken === undefined ? {} : { steps }), residual, converged, status: each },
          }),
      };
    },
  });
  return {
    status: 'unread',
    stats: { ...counted, residual: new Float32Array(0), converged: new Uint8Array(0), status: [] },
  };
};
