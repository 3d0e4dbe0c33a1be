import { batch, computed, signal, type Signal } from '@preact/signals';
import type { StepReport } from '../protocol/trainer.ts';
import type { BlockView, HeldOut, LayerNorm, MapImage, PathView, Slot, SolveCurve, Warp } from '../protocol/viewer.ts';
import { emptyRecorder, judged, recorded, type Recorder } from './history.ts';
import type { Run, RunStatus } from './session-types.ts';

/** The state of a model's pictures and measurements on the page. */
export interface Shown {
  /** Training step of the weights in the picture. `measured` holds the training step of each slow measurement. */
  step: number;
  readonly measured: Record<'solves' | 'norms', number>;
  /** Training step and number of rows of the last held-out loss, as text. */
  judged: string;
  /** Index into `DETAILS` of the detail of the last map. */
  detail: number;
}

const nothingShown = (): Shown => ({ step: -1, measured: { solves: -1, norms: -1 }, judged: '', detail: -1 });

/** A {@link Run} whose signals the session can set. */
export interface RunState extends Run {
  readonly status: Signal<RunStatus>;
  readonly step: Signal<number>;
  readonly stepsPerSecond: Signal<number>;
  readonly seconds: Signal<number>;
  readonly parameters: Signal<number>;
  readonly computing: Signal<string>;
  readonly recorder: Signal<Recorder>;
  readonly solverSteps: Signal<number | undefined>;
  readonly map: Signal<MapImage | undefined>;
  readonly samples: Signal<Float32Array | undefined>;
  readonly warp: Signal<Warp | undefined>;
  readonly path: Signal<PathView | undefined>;
  readonly block: Signal<BlockView | undefined>;
  readonly solves: Signal<readonly SolveCurve[]>;
  readonly norms: Signal<readonly LayerNorm[]>;
  /** Replaced together with the model. */
  shown: Shown;
  /** Time in milliseconds and step of the last measurement of the rate. Undefined if training has just started. */
  rated: { readonly at: number; readonly step: number } | undefined;
  /**
   * Duration of the longest step so far, in seconds. The time without an answer after which a worker counts as dead
   * depends on it.
   */
  longestStep: number;
}

export const runState = (slot: Slot): RunState => {
  const recorder = signal(emptyRecorder);
  return {
    slot,
    recorder,
    history: computed(() => recorder.value.history),
    longestStep: 0,
    rated: undefined,
    shown: nothingShown(),
    status: signal<RunStatus>('loading'),
    step: signal(0),
    stepsPerSecond: signal(0),
    seconds: signal(0),
    parameters: signal(0),
    computing: signal(''),
    solverSteps: signal<number | undefined>(undefined),
    map: signal<MapImage | undefined>(undefined),
    samples: signal<Float32Array | undefined>(undefined),
    warp: signal<Warp | undefined>(undefined),
    path: signal<PathView | undefined>(undefined),
    block: signal<BlockView | undefined>(undefined),
    solves: signal<readonly SolveCurve[]>([]),
    norms: signal<readonly LayerNorm[]>([]),
  };
};

/** Adds reports of training steps to a run. */
export const take = (run: RunState, reports: readonly StepReport[]): void =>
  batch(() => {
    const last = reports.at(-1);
    if (last === undefined) return;
    run.step.value = last.step;
    run.recorder.value = recorded(run.recorder.value, reports);
    const seconds = reports.reduce((sum, report) => sum + report.seconds, 0) / reports.length;
    run.seconds.value += seconds * reports.length;
    rate(run, last.step, seconds);
    run.longestStep = reports.reduce((longest, report) => Math.max(longest, report.seconds), run.longestStep);
    if (last.solverSteps !== undefined) run.solverSteps.value = last.solverSteps;
  });

/**
 * Shortest time over which a rate is measured, in milliseconds. Shorter times would be inaccurate, because reports
 * arrive in bundles.
 */
const RATED_MS = 500;

/**
 * Measures the steps per second of wall-clock time. This time includes the pauses of slow motion and the pauses of
 * training during updates of the pictures.
 */
const rate = (run: RunState, step: number, seconds: number): void => {
  const now = performance.now();
  const { rated, stepsPerSecond } = run;
  if (rated === undefined || step < rated.step) {
    run.rated = { at: now, step };
    stepsPerSecond.value = 1 / seconds;
    return;
  }
  const elapsed = now - rated.at;
  if (elapsed < RATED_MS) return;
  run.rated = { at: now, step };
  stepsPerSecond.value = (1000 * (step - rated.step)) / elapsed;
};

export const takeHeldOut = (run: RunState, result: HeldOut): void => {
  run.recorder.value = judged(run.recorder.value, result);
};

/** Removes the pictures and measurements of a run, because its model is replaced. */
export const clearPictures = (run: RunState): void =>
  batch(() => {
    for (const picture of [run.map, run.samples, run.warp, run.path, run.block]) picture.value = undefined;
    run.solves.value = [];
    run.norms.value = [];
    run.shown = nothingShown();
  });
