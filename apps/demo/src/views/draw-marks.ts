import { toX, toY, type Frame } from './frame.ts';

/** Marks that are drawn over a picture: the followed point and the cross-hair. */
export interface Marks {
  readonly size: number;
  readonly frame: Frame;
  /** Position of the point that the visitor has chosen. */
  readonly place?: readonly [number, number];
  /** Position of the cross-hair that the arrow keys move. */
  readonly cursor?: readonly [number, number];
}

// Colors of the marks. The marks are bright with a dark edge, so that they are visible on dark and on light parts of a
// map.
const EDGE = 'rgb(10 12 18 / 0.85)';
const FORWARD = '#ffffff';
const BACK = '#ff9a3d';

export const drawMarks = (context: CanvasRenderingContext2D, { frame, place, cursor }: Marks): void => {
  const { left, top, side, down } = frame;
  context.save();
  context.beginPath();
  context.rect(left, top, side, down);
  context.clip();
  if (place !== undefined) drawPlace(context, toX(frame, place[0]), toY(frame, place[1]));
  if (cursor !== undefined) drawCursor(context, toX(frame, cursor[0]), toY(frame, cursor[1]), frame);
  context.restore();
};

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

const drawCursor = (
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  { left, top, side, down }: Frame,
): void => {
  for (const [color, width] of [
    [EDGE, 3],
    [FORWARD, 1],
  ] as const) {
    context.strokeStyle = color;
    context.lineWidth = width;
    context.beginPath();
    // The cross-hair has a gap in the center, so that the pixels at its center stay visible.
    for (const [from, to] of [
      [left, x - 6],
      [x + 6, left + side],
    ] as const) {
      context.moveTo(from, y);
      context.lineTo(to, y);
    }
    for (const [from, to] of [
      [top, y - 6],
      [y + 6, top + down],
    ] as const) {
      context.moveTo(x, from);
      context.lineTo(x, to);
    }
    context.stroke();
  }
};
