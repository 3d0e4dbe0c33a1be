import type { Region } from '../protocol/data.ts';
import type { ViewerWorker } from '../protocol/viewer.ts';
import type { Opened } from './open-worker.ts';
import { DETAILS } from './pace.ts';
import { takeHeldOut } from './run.ts';
import type { ViewOptions } from './session-types.ts';
import type { Trainer } from './trainers.ts';

/** Input of an update of the pictures. */
export interface LookInput {
  readonly viewer: Opened<ViewerWorker>;
  readonly trainers: readonly Trainer[];
  readonly view: ViewOptions;
  readonly region: Region;
  /** A point of the data. If a picture shows one point and the visitor has not chosen a point, this point is used. */
  readonly inside: readonly [number, number];
  readonly playing: boolean;
}

const SAMPLES = 1500;
const LINES = 17;
/** Number of straight pieces of a grid line. */
const POINTS_PER_LINE = 96;
/** Number of draws from the base distribution that are mapped back through the blocks. */
const DRAWS = 500;

/** Returns whether a model has weights, so that pictures of the model can be drawn. */
export const isThere = ({ run: { status } }: Trainer): boolean =>
  status.value === 'paused' || status.value === 'running';

/**
 * Updates the pictures and the held-out loss of a model: sends the weights of its trainer to the viewer, and passes the
 * viewer's results to the page. All results are computed with the same weights. Resolves with the number of
 * milliseconds spent waiting for the weights. A wait is necessary because a trainer sends weights only between two
 * training steps.
 */
export const look = async (
  { viewer, view, region, inside }: LookInput,
  trainer: Trainer,
  detail: number,
): Promise<number> => {
  const { run } = trainer;
  // If the model is replaced during the update, the run of the model gets a new record `shown`. Later writes to the old
  // record have no effect.
  const { slot, shown } = run;
  const { side, rows } = DETAILS[detail]!;
  const asked = performance.now();
  const weights = await trainer.checkpoint('weights');
  const waitedMs = performance.now() - asked;
  const { step } = await viewer.ask((v) => v.load(slot, weights));
  if (view.stage === 'warp' || view.stage === 'planes') {
    // At the two coarsest levels of detail each line has `POINTS_PER_LINE / 2` pieces instead of `POINTS_PER_LINE`.
    // `POINTS_PER_LINE` and its half are multiples of `LINES - 1`, so all sides of all grid cells have the same number
    // of points.
    const points = detail < 2 ? POINTS_PER_LINE / 2 : POINTS_PER_LINE;
    const draws = view.stage === 'planes' ? DRAWS : 0;
    run.warp.value = await viewer.ask((v) => v.warp(slot, region, LINES, points + 1, draws));
  } else {
    const { stage: quantity } = view;
    run.map.value = await viewer.ask((v) => v.map(slot, { quantity, region, side }));
  }
  await follow(viewer, trainer, view.point);
  if (view.block !== undefined) {
    const { block } = view;
    const place = view.point ?? inside;
    run.block.value = await viewer.ask((v) => v.block(slot, block, place));
  }
  if (view.showSamples) run.samples.value = await viewer.ask((v) => v.samples(slot, SAMPLES, 0));
  const judged = `${step} ${rows}`;
  if (shown.judged !== judged) {
    takeHeldOut(run, await viewer.ask((v) => v.heldOut(slot, rows)));
    shown.judged = judged;
  }
  shown.step = step;
  shown.detail = detail;
  return waitedMs;
};

/**
 * Computes the path of a point through the blocks, with the weights that the viewer has loaded. If the visitor chooses
 * another point before the path is computed, the path is ignored.
 */
export const follow = async (
  viewer: Opened<ViewerWorker>,
  { run }: Trainer,
  point: ViewOptions['point'],
  current: () => ViewOptions['point'] = () => point,
): Promise<void> => {
  if (point === undefined) {
    run.path.value = undefined;
    return;
  }
  const path = await viewer.ask((v) => v.path(run.slot, point));
  if (current() === point) run.path.value = path;
};

/**
 * Makes one of two slow measurements, with the weights that the viewer has loaded: the residuals of the solves, or the
 * norms of the layers. Returns whether the second of these measurements remains to be made.
 */
export const measure = async ({ viewer, view }: LookInput, { run }: Trainer): Promise<boolean> => {
  const { slot, shown } = run;
  const { step, measured } = shown;
  const due = (['solves', 'norms'] as const)
    .filter((what) => view.level === 'expert' && view[what] && measured[what] !== step)
    .sort((a, b) => measured[a] - measured[b]);
  const [what] = due;
  if (what === undefined) return false;
  measured[what] = step;
  if (what === 'solves') run.solves.value = await viewer.ask((v) => v.solves(slot));
  else run.norms.value = await viewer.ask((v) => v.norms(slot));
  return due.length > 1;
};
