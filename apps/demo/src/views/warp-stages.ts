import type { Region } from '../protocol/data.ts';
import type { Warp } from '../protocol/viewer.ts';
import { quantile } from './series.ts';

/**
 * Returns the region of the plane to show at each stage of the warped grid. At the first stage the region is the region
 * of the data. At later stages the region is a box around the grid. Adjacent stages with the same units share one box
 * around all their points.
 */
export const boxesOf = ({ stages }: Pick<Warp, 'stages'>, region: Region): readonly Region[] => {
  const boxes = stages.map((points, stage) => (stage === 0 ? region : boxOf(points)));
  const groups: Region[][] = [];
  boxes.forEach((box, stage) => {
    const [before, group] = [boxes[stage - 1], groups.at(-1)];
    if (before === undefined || group === undefined || sameUnits(before, box) === false) groups.push([box]);
    else group.push(box);
  });
  return groups.flatMap((group) => group.map(() => padded(unionOf(group))));
};

/**
 * Returns a box around the grid without far outliers. On each side, the box extends beyond the central 98 % of the
 * points by at most half of the range of these points.
 */
const boxOf = (points: Float32Array): Region => [intervalOf(points, 0), intervalOf(points, 1)];

const intervalOf = (points: Float32Array, axis: 0 | 1): readonly [number, number] => {
  const values: number[] = [];
  let [least, most] = [Infinity, -Infinity];
  for (let i = axis; i < points.length; i += 2) {
    const value = points[i]!;
    if (!Number.isFinite(value)) continue;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  // Only a few hundred of the points are sorted, because sorting all points would take about ten times as long.
  const step = 2 * Math.ceil(points.length / 1600);
  for (let i = axis; i < points.length; i += step) if (Number.isFinite(points[i])) values.push(points[i]!);
  if (values.length === 0) return [-1, 1];
  values.sort((a, b) => a - b);
  const [low, high] = [quantile(values, 0.01), quantile(values, 0.99)];
  if (!(high > low)) return [low - 1, high + 1];
  const far = (high - low) / 2;
  return [Math.max(least, low - far), Math.min(most, high + far)];
};

/**
 * Returns whether two stages have the same units, judged by the sizes of their boxes. A block never stretches the whole
 * grid by a factor of five. A change of units, for example from degrees to standard deviations, stretches the grid by a
 * larger factor.
 */
const sameUnits = (a: Region, b: Region): boolean =>
  [0, 1].every((axis) => {
    const ratio = widthOf(a[axis]!) / widthOf(b[axis]!);
    return ratio < 5 && ratio > 0.2;
  });
const widthOf = ([low, high]: readonly [number, number]): number => high - low;

const unionOf = (boxes: readonly Region[]): Region => {
  const axis = (which: 0 | 1): readonly [number, number] => [
    Math.min(...boxes.map((box) => box[which][0])),
    Math.max(...boxes.map((box) => box[which][1])),
  ];
  return [axis(0), axis(1)];
};

const padded = (box: Region): Region => [widened(box[0]), widened(box[1])];
const widened = ([low, high]: readonly [number, number]): readonly [number, number] => [
  low - 0.03 * (high - low),
  high + 0.03 * (high - low),
];

/**
 * Interpolates between the points of two stages. Position 1.5 is halfway between stages 1 and 2. An integer position
 * returns the stage itself. A position before the first stage returns the first stage, and a position after the last
 * stage returns the last stage.
 */
export const between = (stages: readonly Float32Array[], at: number): Float32Array => {
  const from = Math.max(0, Math.min(stages.length - 1, Math.floor(at)));
  const share = Math.min(1, at - from);
  const [a, b] = [stages[from]!, stages[from + 1]];
  if (b === undefined || share <= 0) return a;
  const mixed = new Float32Array(a.length);
  for (let i = 0; i < mixed.length; i++) mixed[i] = a[i]! + share * (b[i]! - a[i]!);
  return mixed;
};

/** Interpolates between the boxes of two stages, like {@link between}. */
export const boxBetween = (boxes: readonly Region[], at: number): Region => {
  const from = Math.max(0, Math.min(boxes.length - 1, Math.floor(at)));
  const share = Math.max(0, Math.min(1, at - from));
  const a = boxes[from]!;
  const b = boxes[from + 1] ?? a;
  const mix = (p: number, q: number): number => p + share * (q - p);
  return [
    [mix(a[0][0], b[0][0]), mix(a[0][1], b[0][1])],
    [mix(a[1][0], b[1][0]), mix(a[1][1], b[1][1])],
  ];
};

/**
 * Returns the position of the animation after `ms` milliseconds. The animation pauses at every stage and moves smoothly
 * between stages. With reduced motion the animation jumps from stage to stage.
 */
export const positionAfter = (ms: number, stages: number, still: boolean): number => {
  const turn = ms / (MOVE_MS + REST_MS);
  const stage = Math.floor(turn);
  if (stage >= stages - 1) return stages - 1;
  if (still) return stage;
  const t = Math.max(0, Math.min(1, ((turn - stage) * (MOVE_MS + REST_MS) - REST_MS) / MOVE_MS));
  return stage + t * t * (3 - 2 * t);
};
const MOVE_MS = 900;
const REST_MS = 350;

/** Returns whether a line of the grid is vertical in data space. */
export const isUpright = (first: Float32Array, line: number, pointsPerLine: number): boolean => {
  const [start, end] = [2 * line * pointsPerLine, 2 * ((line + 1) * pointsPerLine - 1)];
  return Math.abs(first[end]! - first[start]!) < Math.abs(first[end + 1]! - first[start + 1]!);
};
