import { borrowed, type Linearization, type LinearizeOptions, type TensorMap } from '@impflow/core';
import { keep, type Tensor } from '@tensorflow/tfjs-core';
import { isDifferentiable } from './forms.ts';
import type { Progress } from './progress.ts';
import { select } from './rows.ts';

/** A linearization and the point that it belongs to. */
export interface Located {
  readonly point: Tensor;
  readonly linearization: Linearization;
}

/** A map under the eyes of the driver. */
export interface Watched {
  readonly map: TensorMap;
  evaluations(): number;
  /** From now on a sample that is not active is evaluated at its best iterate, wherever the solver thinks it is. */
  freeze(progress: Pick<Progress, 'active' | 'value'> | undefined): void;
  /** The last evaluation, which from now on is the caller's. */
  take(): Located | undefined;
  release(): void;
}

/**
 * Counts the evaluations of `f` and, if `remembering`, keeps the linearization of the last.
 *
 * @remarks A solver moves samples on that are done. Frozen, they are evaluated where they were done; so once all samples are,
 * the last evaluation was at the solution, sample by sample: the bits of the best iterates.
 */
export const watch = (f: TensorMap, remembering: boolean): Watched => {
  let evaluations = 0;
  let frozen: Pick<Progress, 'active' | 'value'> | undefined;
  let last: Located | undefined;

  const release = (): void => {
    last?.linearization.dispose();
    last?.point.dispose();
    last = undefined;
  };
  const remembered = (point: Tensor, linearization: Linearization): Linearization => {
    if (linearization.reuse === undefined) return linearization;
    release();
    last = { point: keep(point.clone()), linearization };
    linearization.reuse.tensors.forEach((tensor) => keep(tensor));
    return borrowed(linearization);
  };
  const place = (y: Tensor): Tensor => frozen === undefined ? y : select(frozen.active, y, frozen.value);

  const counted: TensorMap = (y) => { evaluations += 1; return f(y); };
  const map = !isDifferentiable(f) ? counted
    : !remembering ? Object.assign(counted, { linearize: (y: Tensor, options?: LinearizeOptions) => { evaluations += 1; return f.linearize(y, options); } })
    : Object.assign(
      (y: Tensor) => {
        evaluations += 1;
        const point = place(y);
        const linearization = f.linearize(point);
        const value = linearization.value.clone();
        if (linearization.reuse === undefined) linearization.dispose();
        else remembered(point, linearization);
        return value;
      },
      {
        linearize: (y: Tensor, options?: LinearizeOptions) => {
          evaluations += 1;
          const point = place(y);
          return remembered(point, f.linearize(point, options));
        },
      },
    );
  return {
    map, release,
    evaluations: () => evaluations,
    freeze: (progress) => { frozen = progress; },
    take: () => {
      const taken = last;
      last = undefined;
      return taken;
    },
  };
};
