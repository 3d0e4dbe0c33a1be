import { advance, capabilities, scoped } from '@impflow/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { concludeNow } from './end.ts';
import type { Best, Outcome, Progress } from './progress.ts';
import type { Counted, Run, Turn } from './turn.ts';

/** What `onCheck` is told each time the driver looks. */
export interface SolveCheck {
  readonly solver: string;
  /** Steps of this solver so far. */
  readonly step: number;
  /** Samples still at work. */
  readonly active: number;
}

interface Looks {
  readonly checkEvery: number;
  readonly onCheck?: ((check: SolveCheck) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Each solver's turn until its samples are done, or its steps; then that of the next, on the samples left undone. */
export const looking = ({ turns, samples, watched }: Run, { checkEvery, onCheck, signal }: Looks): Counted & { readonly value: Tensor; readonly outcome: Outcome } => {
  const { device } = capabilities();
  const path: string[] = [];
  let steps = 0;
  const made = ({ method, most, begin, next }: Turn, before: Best | undefined): Progress => {
    let progress = scoped(() => begin(before));
    let frozen = true;
    for (let step = 0; ; step++) {
      if (step % checkEvery === 0 || step === most) {
        signal?.throwIfAborted();
        const flags = progress.active.dataSync<'bool'>() as Uint8Array;
        const active = flags.reduce((count, flag) => count + flag, 0);
        onCheck?.({ solver: method.name, step, active });
        if (active === 0 || step === most) return progress;
        frozen = active < samples;
        // A GPU compiles its programs anew for each size.
        if (device === 'cpu') watched.narrow(active < NARROW * samples ? flags : undefined);
      } else frozen = true;
      progress = advance(progress, (p) => next(p, frozen));
      steps += 1;
    }
  };
  let outcome: Outcome | undefined;
  let best: Best | undefined;
  for (const turn of turns) {
    if (outcome !== undefined && !outcome.hopeful) break;
    path.push(turn.method.name);
    const progress = made(turn, best);
    outcome = concludeNow(progress);
    best = progress;
  }
  return { value: best!.value, outcome: outcome!, steps, path };
};

/** The share of the samples at work below which they are evaluated alone: above, gathering them would cost what it spares. */
const NARROW = 0.9;

/**
 * How often to look by default. A look every `k` steps of `n` costs `n / k` waits, and `k / 2` steps that come too late: least at `k = sqrt(2 n wait / step)`.
 */
export const lookEvery = (): number => {
  const { readBack } = capabilities();
  if (readBack === undefined) return 1;
  const step = OPERATIONS * readBack.operationMs;
  return Math.max(1, Math.min(8, Math.round(Math.sqrt(2 * STEPS * readBack.readMs / step))));
};

/** Of a solve in training, as the benchmarks count them. */
const STEPS = 5;
/** Of a step: a net of three layers, the solver and the driver. */
const OPERATIONS = 40;
