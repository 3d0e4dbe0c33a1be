import { borrowed, type Linearization, type LinearizeOptions, type SampleMap, type TensorMap } from '@impflow/core';
import { gather, keep, reshape, tensor1d, tensorScatterUpdate, tidy, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';
import { isDifferentiable, takesSamples } from './forms.ts';
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
  /** From now on only samples that these flags mark need an evaluation, if there are any flags. */
  narrow(flags: Uint8Array | undefined): void;
  /** The last evaluation, which from now on is the caller's. */
  take(): Located | undefined;
  release(): void;
}

/**
 * Counts the evaluations of `f` and, if `remembering`, keeps the linearization of the last.
 *
 * @remarks A solver moves samples on that are done. Frozen, they are evaluated where they were done; so once all samples are,
 * the last evaluation was at the solution, sample by sample: the bits of the best iterates. Where no linearization is kept, and `f` can
 * do that, samples that are done are not evaluated at all: they are their own image.
 */
export const watch = (f: TensorMap, remembering: boolean): Watched => {
  let evaluations = 0;
  let frozen: Pick<Progress, 'active' | 'value'> | undefined;
  let last: Located | undefined;
  let samples: Tensor1D | undefined;

  const narrow = (flags: Uint8Array | undefined): void => {
    samples?.dispose();
    samples = flags === undefined ? undefined : keep(tidy(() => tensor1d(Int32Array.from(marked(flags)), 'int32')));
  };
  const forget = (): void => {
    last?.linearization.dispose();
    last?.point.dispose();
    last = undefined;
  };
  const remembered = (point: Tensor, linearization: Linearization): Linearization => {
    if (linearization.reuse === undefined) return linearization;
    forget();
    last = { point: keep(point.clone()), linearization };
    linearization.reuse.tensors.forEach((tensor) => keep(tensor));
    return borrowed(linearization);
  };
  const place = (y: Tensor): Tensor => frozen === undefined ? y : select(frozen.active, y, frozen.value);

  const counted: TensorMap = (y) => {
    evaluations += 1;
    return samples === undefined || !takesSamples(f) ? f(y) : among(f, samples, y);
  };
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
    map, narrow,
    evaluations: () => evaluations,
    freeze: (progress) => { frozen = progress; },
    release: () => {
      forget();
      narrow(undefined);
    },
    take: () => {
      const taken = last;
      last = undefined;
      return taken;
    },
  };
};

/** `f` of some samples; the others stay where they are. */
const among = (f: SampleMap, samples: Tensor1D, y: Tensor): Tensor => tidy(() =>
  tensorScatterUpdate(y, reshape(samples, [-1, 1]), f.among(samples)(gather(y, samples))));

/** The places of the flags that are set. */
const marked = (flags: Uint8Array): readonly number[] => {
  const places: number[] = [];
  flags.forEach((flag, i) => { if (flag !== 0) places.push(i); });
  return places;
};
