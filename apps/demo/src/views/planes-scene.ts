import { count, format } from '../axes.ts';
import type { Region } from '../protocol/data.ts';
import type { Warp } from '../protocol/viewer.ts';
import type { Run, Session } from '../state/session-types.ts';
import { borderOf, shareIn, type Cell } from './cells.ts';
import { stageName } from './describe.ts';
import { kindsByDirection, planeFrame, WHEEL, type Plane } from './draw-plane.ts';
import { coloringOf } from './point-colors.ts';
import type { Theme } from './theme.ts';
import { between, boxBetween } from './warp-stages.ts';

/**
 * Direction in which the dots move. With `there`, the dots move from the data to the base. With `back`, the dots move
 * from draws of the base distribution to samples.
 */
export type Way = 'there' | 'back';

export interface PlanesState {
  readonly session: Session;
  readonly run: Run;
  readonly theme: Theme;
  readonly way: Way;
  /**
   * Number of blocks that the dots have passed. A number above the number of blocks means that the dots have passed all
   * blocks.
   */
  readonly at: number;
  /** Region of the plane to show at each stage, before, between and after the blocks. */
  readonly boxes: readonly Region[];
  readonly cell: Cell | undefined;
}

/** Returns the number of blocks of the model, including standardizing blocks. */
export const lastOf = (warp: Warp | undefined): number => Math.max(0, (warp?.stages.length ?? 1) - 1);

/**
 * Returns the stage that each plane shows, as a position between the first stage (data) and the last stage (base).
 * During the animation the stage of one plane changes. The other plane always shows the stage at which the dots start.
 */
export const positionsOf = ({ run, way, at }: Pick<PlanesState, 'run' | 'way' | 'at'>): readonly [number, number] => {
  const last = lastOf(run.warp.value);
  const passed = Math.min(at, last);
  return way === 'there' ? [0, passed] : [last - passed, last];
};

/**
 * Returns the contents of both planes, each of width `size`. Undefined if the viewer has not computed the contents yet.
 */
export const planesNow = (state: PlanesState, size: number): readonly [Plane, Plane] | undefined => {
  const { session, run, theme, way, boxes, cell } = state;
  const warp = run.warp.value;
  const data = session.data.value;
  if (warp === undefined || boxes.length === 0 || size === 0) return undefined;
  const last = lastOf(warp);
  const moving = way === 'there' ? warp.dots : warp.samples;
  const start = way === 'there' ? moving[0] : moving.at(-1);
  if (start === undefined) return undefined;
  const byColumn =
    way === 'there' && data?.colors !== undefined
      ? coloringOf({ ...data.colors, values: data.colors.values.slice(0, start.length / 2) })
      : undefined;
  const colors = byColumn?.colors ?? WHEEL;
  const kinds = byColumn?.kinds ?? kindsByDirection(start);
  const path = session.view.value.point === undefined ? undefined : run.path.value;
  const plane = (position: number, isLeft: boolean): Plane => {
    const region = boxBetween(boxes, position);
    const frame = planeFrame(size, region, data?.aspect);
    const lines = between(warp.stages, position);
    return {
      frame,
      theme,
      lines,
      pointsPerLine: warp.pointsPerLine,
      dots: between(moving, position),
      kinds,
      colors,
      title: titleOf(warp, position, isLeft),
      circles: position > last - 1 || position === last,
      ...(cell === undefined ? {} : { cell: borderOf(lines, warp.pointsPerLine, cell) }),
      ...(path === undefined || path.labels.length !== warp.labels.length
        ? {}
        : { trail: trailTo(path.forward, boxes, position, region) }),
    };
  };
  const [left, right] = positionsOf(state);
  return [plane(left, true), plane(right, false)];
};

/**
 * Returns the title of a plane. At the first and the last stage, the title names the points that the plane shows. At
 * all stages in between, the title is the name of the stage.
 */
const titleOf = (warp: Warp, position: number, isLeft: boolean): string => {
  const stage = Math.round(position);
  const last = lastOf(warp);
  if (stage === last) return isLeft ? 'draws of the Gaussian' : 'base: a round cloud';
  if (stage === 0) return isLeft ? 'data' : 'the same points';
  return stageName(warp.labels, stage);
};

/**
 * Returns the positions of a point at all stages up to `position`. All positions are converted to the units of the
 * stage at `position`, because a standardizing block changes the units.
 */
const trailTo = (
  forward: Float32Array,
  boxes: readonly Region[],
  position: number,
  [[left, right], [low, high]]: Region,
): Float32Array => {
  const stops = [...Array.from({ length: Math.floor(position) + 1 }, (_, i) => i), position];
  const stages = Array.from({ length: forward.length / 2 }, (_, i) => forward.subarray(2 * i, 2 * i + 2));
  return Float32Array.from(
    stops.flatMap((at) => {
      const [x, y] = between(stages, at);
      const [[x0, x1], [y0, y1]] = boxBetween(boxes, at);
      return [left + ((x! - x0) / (x1 - x0)) * (right - left), low + ((y! - y0) / (y1 - y0)) * (high - low)];
    }),
  );
};

/** Describes in words what the two planes show. */
export const planesInWords = ({ session, run, way, at }: PlanesState): string => {
  const warp = run.warp.value;
  if (warp === undefined) return 'No picture yet';
  const last = lastOf(warp);
  const name = session.data.value?.name ?? 'the data';
  const passed = Math.min(Math.round(at), last);
  return way === 'there'
    ? `Two planes after ${count(warp.step)} steps: at the left ${name}, at the right the same points after ${passed} of ${last} blocks`
    : `Two planes after ${count(warp.step)} steps: at the right draws of the Gaussian, at the left the same points after ${passed} of ${last} blocks backwards`;
};

/** Describes which fraction of the data and which fraction of the Gaussian a grid cell contains. */
export const cellInWords = ({ run, boxes, cell }: PlanesState): string | undefined => {
  const warp = run.warp.value;
  if (warp === undefined || cell === undefined || boxes.length === 0) return undefined;
  const [first, last] = [warp.stages[0]!, warp.stages.at(-1)!].map((lines) =>
    borderOf(lines, warp.pointsPerLine, cell),
  );
  const grown = areaOf(last!) / areaOf(first!);
  const data = shareIn(first!, warp.dots[0]!);
  return (
    `This cell holds ${percent(data)} of the data. The blocks make it ` +
    `${grown >= 1 ? `${format(grown, 2)} times as large` : `${format(1 / grown, 2)} times smaller`}, ` +
    `and the Gaussian there holds ${percent(massOf(last!))}.`
  );
};

const percent = (share: number): string =>
  share > 0 && share < 0.0005 ? 'less than 0.1 %' : `${format(100 * share, 2)} %`;

/** Returns the area of a polygon. */
export const areaOf = (border: Float32Array): number => {
  let twice = 0;
  for (let i = 0, j = border.length - 2; i < border.length; j = i, i += 2)
    twice += border[j]! * border[i + 1]! - border[i]! * border[j + 1]!;
  return Math.abs(twice) / 2;
};

/**
 * Returns the approximate mass of the standard normal distribution in a small polygon: its density at the mean of the
 * corners times the area.
 */
const massOf = (border: Float32Array): number => {
  let [x, y] = [0, 0];
  for (let i = 0; i < border.length; i += 2)
    [x, y] = [x + (2 * border[i]!) / border.length, y + (2 * border[i + 1]!) / border.length];
  return (Math.exp(-(x * x + y * y) / 2) / (2 * Math.PI)) * areaOf(border);
};
