import type { PointColors, Region } from '../protocol/data.ts';
import type { Session, Run } from '../state/session-types.ts';
import { painted, scaleOf } from './color-scale.ts';
import { captionOf, mapInWords, warpInWords } from './describe.ts';
import type { Back } from './draw-background.ts';
import type { Marks } from './draw-marks.ts';
import { earlyDots } from './early-dots.ts';
import { frameOf, type Frame } from './frame.ts';
import type { Theme } from './theme.ts';
import { between, boxBetween } from './warp-stages.ts';

// Functions that convert the session's signals to plain records for drawing. The functions read the `value` of signals,
// so they can be used in computed signals.

/** State of the picture of one model. */
export interface StageState {
  readonly session: Session;
  readonly run: Run;
  /**
   * Number of blocks that the warped grid has passed. A value between two integers is a position between two stages. A
   * value beyond the last stage means the last stage.
   */
  readonly warpAt: number;
  /** Region of the plane to show at each stage. */
  readonly boxes: readonly Region[];
}

/** Returns the map of the model, or undefined if there is no map of the selected quantity. */
export const mapOf = ({ session, run }: Pick<StageState, 'session' | 'run'>): Back['map'] => {
  const map = run.map.value;
  if (map === undefined || map.quantity !== session.view.value.stage) return undefined;
  const maps = session.runs.value.flatMap((other) => other.map.value ?? []);
  return painted(map, maps, scaleOf(session.view.value, session.data.value));
};

/** Returns the number of blocks that the warped grid has passed, or 0 if the picture is not a warped grid. */
const warpPosition = ({ session, run, warpAt }: StageState): number =>
  session.view.value.stage === 'warp' && run.warp.value !== undefined
    ? Math.min(warpAt, run.warp.value.stages.length - 1)
    : 0;

export const frameNow = (state: StageState, size: number): Frame => {
  const { session, run, boxes } = state;
  const warped = session.view.value.stage === 'warp' && run.warp.value !== undefined;
  return frameOf(
    size,
    warped ? boxBetween(boxes, warpPosition(state)) : session.region.value,
    session.data.value?.aspect,
  );
};

export const backNow = (state: StageState, frame: Frame, theme: Theme): Back => {
  const { session, run } = state;
  const { size } = frame;
  const at = warpPosition(state);
  const columns =
    at === 0
      ? (session.data.value?.columns ?? (['x', 'y'] as const))
      : (['first coordinate', 'second coordinate'] as const);
  const rest = { size, frame, theme, columns };
  const warp = run.warp.value;
  if (session.view.value.stage === 'warp' && warp !== undefined)
    return {
      ...rest,
      grid: {
        points: between(warp.stages, at),
        first: warp.stages[0]!,
        pointsPerLine: warp.pointsPerLine,
        step: warp.step,
      },
    };
  const map = session.view.value.stage === 'warp' ? undefined : mapOf(state);
  const outline = session.data.value?.outline;
  const lines = outline === undefined ? {} : { outline };
  if (map !== undefined) return { ...rest, ...lines, map };
  return {
    ...rest,
    ...lines,
    waiting: run.status.value === 'failed' ? 'No picture: training could not start.' : 'The picture is being computed.',
  };
};

/**
 * Rows that are drawn as dots over the picture. If the picture is a warped grid, the data rows move with the grid.
 * Samples are shown only in data space.
 */
export interface DotsSeen {
  readonly size: number;
  readonly frame: Frame;
  readonly data: Float32Array | undefined;
  /** Colors of `data`. Undefined if all points have the same color. */
  readonly colors: PointColors | undefined;
  readonly samples: Float32Array | undefined;
  /** Opacity of the dots. Over the density of a trained model the dots are faint, because they would hide it. */
  readonly alpha: number;
}

const FAINT = 0.6;

export const dotsNow = (state: StageState, frame: Frame): DotsSeen => {
  const { session, run } = state;
  const { showData, showSamples } = session.view.value;
  const at = warpPosition(state);
  const here = at === 0;
  const warp = session.view.value.stage === 'warp' ? run.warp.value : undefined;
  return {
    size: frame.size,
    frame,
    data: showData
      ? (earlyDots.value ?? (warp === undefined ? session.data.value?.points : between(warp.dots, at)))
      : undefined,
    colors: showData ? session.data.value?.colors : undefined,
    samples: here && showSamples ? run.samples.value : undefined,
    alpha: session.view.value.stage === 'density' && (run.map.value?.step ?? 0) > 0 ? FAINT : 1,
  };
};

export const marksNow = (state: StageState, frame: Frame, cursor: readonly [number, number] | undefined): Marks => {
  const { session, run } = state;
  const path = session.view.value.point === undefined ? undefined : run.path.value;
  const rest = { size: frame.size, frame, ...(cursor === undefined ? {} : { cursor }) };
  if (path === undefined) return rest;
  // On a map, the mark is at the chosen data point. The outputs of the blocks for this point have units that differ
  // from the units of the map.
  if (session.view.value.stage !== 'warp') return { ...rest, place: path.point };
  const [x, y] = between(
    Array.from({ length: path.labels.length }, (_, i) => path.forward.subarray(2 * i, 2 * i + 2)),
    warpPosition(state),
  );
  return { ...rest, place: [x!, y!] };
};

/** Describes the picture in words and numbers, for screen readers. */
export const seenInWords = (state: StageState): string => {
  const { session, run } = state;
  const name = session.data.value?.name ?? 'the data';
  const warp = run.warp.value;
  const map = mapOf(state);
  const picture =
    session.view.value.stage === 'warp'
      ? warp === undefined
        ? 'No grid yet'
        : warpInWords(warp, Math.round(warpPosition(state)), name)
      : map === undefined
        ? 'No picture yet'
        : mapInWords(map, name);
  const { data, samples } = dotsNow(state, frameOf(0, session.region.value));
  const dots = [data === undefined ? '' : 'data', samples === undefined ? '' : 'samples of the model']
    .filter(Boolean)
    .join(' and of ');
  return dots === '' ? `${picture}.` : `${picture}. Dots of ${dots} lie over it.`;
};

export const captionNow = ({ session, run }: Pick<StageState, 'session' | 'run'>): string =>
  captionOf(session.view.value.stage, session.config.value.models[run.slot]?.kind ?? 'implicit');
