import { fontOf } from './canvas.ts';
import { toX, toY, type Frame } from './frame.ts';
import type { Stop, Track } from './track.ts';

/** Marks on top of a picture. */
export interface Marks {
  readonly size: number;
  readonly frame: Frame;
  readonly track?: Track;
  /** Position of a followed point in the warped grid. */
  readonly place?: readonly [number, number];
  /** Position of the keyboard's cross-hair. */
  readonly cursor?: readonly [number, number];
}

// Bright with a dark edge: visible on dark and on light parts of a map.
const EDGE = 'rgb(10 12 18 / 0.85)';
const FORWARD = '#ffffff';
const BACK = '#ff9a3d';

export const drawMarks = (context: CanvasRenderingContext2D, { frame, track, place, cursor }: Marks): void => {
  const { left, top, side } = frame;
  context.save();
  context.beginPath();
  context.rect(left, top, side, side);
  context.clip();
  if (track !== undefined) drawTrack(context, track, frame);
  if (place !== undefined) drawPlace(context, toX(frame, place[0]), toY(frame, place[1]));
  if (cursor !== undefined) drawCursor(context, toX(frame, cursor[0]), toY(frame, cursor[1]), frame);
  context.restore();
};

const drawTrack = (context: CanvasRenderingContext2D, { forward, back }: Track, frame: Frame): void => {
  context.lineJoin = 'round';
  context.lineCap = 'butt';
  const stroke = (stops: readonly Stop[], color: string, width: number, dash: readonly number[]): void => {
    context.setLineDash([...dash]);
    context.strokeStyle = color;
    context.lineWidth = width;
    context.beginPath();
    stops.forEach(({ x, y }, i) =>
      i === 0 ? context.moveTo(toX(frame, x), toY(frame, y)) : context.lineTo(toX(frame, x), toY(frame, y)),
    );
    context.stroke();
  };
  // Both paths coincide if the inverse is accurate: the dashes of the way back lie on the solid line of the way there.
  stroke(back, EDGE, 4.5, []);
  stroke(forward, EDGE, 4.5, []);
  stroke(forward, FORWARD, 2.2, []);
  stroke(back, BACK, 2.2, [5, 5]);
  context.setLineDash([]);
  drawNumbers(context, forward, frame);
};

/**
 * Block numbers; the first and the last are placed first. A number that would cover another is moved aside, or left out
 * if there is no room.
 */
const drawNumbers = (context: CanvasRenderingContext2D, stops: readonly Stop[], frame: Frame): void => {
  context.font = fontOf(10, 600);
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  const taken: (readonly [number, number])[] = [];
  for (const { x, y, number } of [stops[0], stops.at(-1), ...stops.slice(1, -1)].filter((stop) => stop !== undefined)) {
    const [u, v] = [toX(frame, x), toY(frame, y)];
    const free = PLACES.map(([a, b]) => [u + a, v + b] as const).find(([a, b]) =>
      taken.every(([c, d]) => Math.hypot(a - c, b - d) >= 14),
    );
    if (free === undefined || free[0] !== u || free[1] !== v) disc(context, u, v, 3, FORWARD);
    if (free === undefined) continue;
    taken.push(free);
    disc(context, ...free, 7, EDGE);
    context.fillStyle = FORWARD;
    context.fillText(String(number), free[0], free[1] + 0.5);
  }
};

/** The position itself, then positions around it. */
const PLACES: readonly (readonly [number, number])[] = [
  [0, 0],
  ...Array.from({ length: 8 }, (_, i) => [14 * Math.cos((i * Math.PI) / 4), 14 * Math.sin((i * Math.PI) / 4)] as const),
];

const disc = (context: CanvasRenderingContext2D, x: number, y: number, radius: number, fill: string): void => {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = fill;
  context.fill();
  context.strokeStyle = fill === EDGE ? FORWARD : EDGE;
  context.lineWidth = 1.2;
  context.stroke();
};

const drawPlace = (context: CanvasRenderingContext2D, x: number, y: number): void => {
  disc(context, x, y, 6, BACK);
};

const drawCursor = (context: CanvasRenderingContext2D, x: number, y: number, { left, top, side }: Frame): void => {
  for (const [color, width] of [
    [EDGE, 3],
    [FORWARD, 1],
  ] as const) {
    context.strokeStyle = color;
    context.lineWidth = width;
    context.beginPath();
    // Open in the center, so that the point stays visible.
    for (const [from, to] of [
      [left, x - 6],
      [x + 6, left + side],
    ] as const) {
      context.moveTo(from, y);
      context.lineTo(to, y);
    }
    for (const [from, to] of [
      [top, y - 6],
      [y + 6, top + side],
    ] as const) {
      context.moveTo(x, from);
      context.lineTo(x, to);
    }
    context.stroke();
  }
};
