import { advance, scoped, sizeOf } from '@impflow/core';
import { reshape, slice, type Tensor } from '@tensorflow/tfjs-core';
import type { InstrumentedMap } from './instrument.ts';
import { readOutcome, judgedBy, type BestIterate, type Outcome, type Progress } from './progress.ts';
import type { SolveOptions } from './solve-options.ts';
import type { Counted, Turn } from './turn.ts';

/**
 * Runs the solvers in order and checks every `checkEvery` steps. Each runs until no sample is active, or to its largest
 * number of steps. The next one runs only if it may help.
 */
export const runChecked = (
  turns: readonly Turn[],
  instrumented: InstrumentedMap,
  {
    checkEvery,
    onCheck,
    signal,
  }: Required<Pick<SolveOptions, 'checkEvery'>> & { readonly [K in 'onCheck' | 'signal']: SolveOptions[K] | undefined },
): Counted & { readonly value: Tensor; readonly outcome: Outcome } => {
  const path: string[] = [];
  let steps = 0;
  const made = ({ method, most, begin, next }: Turn, before: BestIterate | undefined): Progress => {
    let progress = scoped(() => begin(before));
    let frozen = true;
    for (let step = 0; ; step++) {
      if (step % checkEvery === 0 || step === most) {
        signal?.throwIfAborted();
        const flags = progress.active.dataSync<'bool'>() as Uint8Array;
        const active = flags.reduce((count, flag) => count + flag, 0);
        onCheck?.({ solver: method.name, step, active });
        if (active === 0 || step === most) return progress;
        frozen = active < flags.length;
        instrumented.narrow(active < NARROW * flags.length ? flags : undefined);
      } else frozen = true;
      progress = advance(progress, (p) => next(p, frozen));
      steps += 1;
    }
  };
  let outcome: Outcome | undefined;
  let best: BestIterate | undefined;
  try {
    for (const turn of turns) {
      if (outcome !== undefined && !outcome.hopeful) break;
      path.push(turn.method.name);
      const run = turn.atOnce?.();
      if (run !== undefined) {
        outcome = judgedBy(run.evidence.dataSync<'float32'>() as Float32Array);
        best = {
          value: reshape(run.value, [run.steps.size, sizeOf(run.value.shape.slice(1))]),
          residual: slice(run.evidence, 0, run.steps.size),
        };
        steps = (run.steps.dataSync<'float32'>() as Float32Array).reduce((most, n) => Math.max(most, n), 0);
        instrumented.count(steps + 1);
        continue;
      }
      const progress = made(turn, best);
      instrumented.narrow(undefined);
      outcome = readOutcome(progress);
      best = progress;
    }
  } finally {
    instrumented.narrow(undefined);
  }
  return { value: best!.value, outcome: outcome!, steps, path };
};

/**
 * Share of active samples below which only these are evaluated. Above it, gathering them costs as much as it saves.
 */
const NARROW = 0.9;
