import { batch, computed, signal, type Signal } from '@preact/signals';
import type { StepReport } from '../protocol/trainer.ts';
import type { BlockView, HeldOut, LayerNorm, MapImage, PathView, Slot, SolveCurve, Warp } from '../protocol/viewer.ts';
import { emptyRecorder, judged, recorded, type Recorder } from './history.ts';
import type { Run, RunStatus } from './session-types.ts';

/** The state of a model's pictures and measurements on the page. */
export interface Shown {
  /**
   * `step` is the training step of the weights that the picture shows. `measured` contains, for each slow measurement,
   * the training step of its weights.
   */
  step: number;
  readonly measured: Record<'solves' | 'norms', number>;
  /** Key of the last held-out loss: a string of the training step and the number of held-out rows. */
  judged: string;
  /** Level of detail of the last picture, as an index into `DETAILS`. */
  detail: number;
}

const nothingShown = (): Shown => ({ step: -1, measured: { solves: -1, norms: -1 }, judged: '', detail: -1 });

/** A {@link Run} with writable signals, for the session of the page. */
export interface RunState extends Run {
  readonly status: Signal<RunStatus>;
  readonly step: Signal<number>;
  readonly stepsPerSecond: Signal<number>;
  readonly ended: Signal<boolean>;
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
  /** What the pictures of the current model show. A new model gets a new record. */
  shown: Shown;
  /**
   * The last measurement of the training speed: the time in milliseconds and the number of the training step. Undefined
   * if training has just started.
   */
  rated: { readonly at: number; readonly step: number } | undefined;
  /**
   * Duration of the longest training step so far, in seconds. The longer this step, the longer a worker may take to
   * respond before it counts as dead.
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
    seconds: computed(() => recorder.value.seconds),
    ended: signal(false),
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

/** Adds reports of training steps to the state of a model. */
export const take = (run: RunState, reports: readonly StepReport[]): void =>
  batch(() => {
    const last = reports.at(-1);
    if (last === undefined) return;
    run.step.value = last.step;
    run.recorder.value = recorded(run.recorder.value, reports);
    const seconds = reports.reduce((sum, report) => sum + report.seconds, 0) / reports.length;
    rate(run, last.step, seconds);
    run.longestStep = reports.reduce((longest, report) => Math.max(longest, report.seconds), run.longestStep);
    if (last.solverSteps !== undefined) run.solverSteps.value = last.solverSteps;
    run.ended.value = last.ended === true;
  });

/**
 * Shortest time over which the number of training steps per second is measured, in milliseconds. A shorter measurement
 * would be inaccurate, because each message contains reports of several steps.
 */
const RATED_MS = 500;

/**
 * Measures the training steps per second of wall-clock time. The time includes the pauses of slow motion and the pauses
 * during updates of the pictures.
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

/** Removes the pictures and measurements of a model that is being replaced. */
export const clearPictures = (run: RunState): void =>
  batch(() => {
    for (const picture of [run.map, run.samples, run.warp, run.path, run.block]) picture.value = undefined;
    run.solves.value = [];
    run.norms.value = [];
    run.shown = nothingShown();
  });
