import { advance, scoped, type Attempt } from '@impflow/core';
import { add, cast, zeros, type Tensor } from '@tensorflow/tfjs-core';
import type { Progress } from './progress.ts';
import type { Counted, Run } from './turn.ts';

/**
 * So many steps of each solver as the attempt grants, without looking. A fallback has its turn once the solver before it was granted
 * all its steps. Samples that are done stay as they are, so the only price of a step too many is its time. `taken` `[B]` are the steps that
 * each sample needed.
 */
export const blindly = ({ turns, samples }: Run, { steps: granted }: Attempt): Counted & { readonly progress: Progress & { readonly taken: Tensor } } => {
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
