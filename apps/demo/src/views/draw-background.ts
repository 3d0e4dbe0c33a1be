import { count, format, ticksOf } from '../axes.ts';
import { limitsOf, rampOf } from '../colors.ts';
import type { Quantity } from '../protocol/viewer.ts';
import { blank, fontOf } from './canvas.ts';
import type { PaintedMap } from './color-scale.ts';
import { toX, toY, type Frame } from './frame.ts';
import type { Theme } from './theme.ts';
import { isUpright } from './warp-stages.ts';

/** Background of a picture: a map or a warped grid, with axes. */
export interface Back {
  readonly size: number;
  readonly frame: Frame;
  readonly theme: Theme;
  /** Names of the two axes. */
  readonly columns: readonly [string, string];
  readonly map?: PaintedMap;
  /** Lines that are drawn over the map, `[m, 2]`. A pair of NaN ends each line. */
  readonly outline?: Float32Array;
  readonly grid?: Grid;
  /** Text that the picture shows as long as it has no map and no grid. */
  readonly waiting?: string;
}

export interface Grid {
  /** Current positions of the lines, `[lines * pointsPerLine, 2]`. */
  readonly points: Float32Array;
  /** Positions of the lines in data space, in the same order as `points`. */
  readonly first: Float32Array;
  readonly pointsPerLine: number;
  /** Training step of the weights that the picture shows. */
  readonly step: number;
}

/** Names of the quantities, with units. */
const QUANTITY_WORDS: Readonly<Record<Quantity, string>> = {
  density: 'density',
  logDet: 'log |det J| (nats)',
  steps: 'solver steps, all blocks',
};

/** Returns a function that draws backgrounds of pictures. The function keeps a small canvas for the pixels of maps. */
export const backPainter = (): ((context: CanvasRenderingContext2D, back: Back) => void) => {
  const small = blank(1, 1);
  return (context, back) => drawBack(context, back, small);
};

const drawBack = (
  context: CanvasRenderingContext2D,
  { frame, theme, columns, map, outline, grid, waiting }: Back,
  small: HTMLCanvasElement,
): void => {
  const { left, top, side, down } = frame;
  context.fillStyle = theme.panel;
  context.fillRect(left, top, side, down);
  context.save();
  context.beginPath();
  context.rect(left, top, side, down);
  context.clip();
  if (map !== undefined) drawMap(context, map, frame, small);
  if (outline !== undefined) drawOutline(context, outline, frame, map === undefined ? theme.inkSoft : OUTLINE);
  if (grid !== undefined) drawGrid(context, grid, frame, theme);
  context.restore();
  if (waiting !== undefined) {
    context.fillStyle = theme.inkSoft;
    context.font = fontOf(14);
    context.textAlign = 'center';
    context.textBaseline = 'alphabetic';
    context.fillText(waiting, left + side / 2, top + down - 12, side - 20);
  }
  drawAxes(context, frame, theme, columns);
  if (map !== undefined) drawColorBar(context, map, frame, theme);
  if (grid !== undefined) {
    context.textAlign = 'left';
    context.textBaseline = 'middle';
    context.fillText(`grid, ${atStep(grid.step)}`, left, top - 15);
  }
};

/** Returns the label with the training step of the weights that a picture shows. */
const atStep = (step: number): string => `step ${count(step)}`;

/**
 * Draws a map. Continuous quantities are interpolated between the pixels of the map. For numbers of solver steps, each
 * pixel of the map is drawn as a square.
 */
const drawMap = (
  context: CanvasRenderingContext2D,
  { pixels, side, region: [[x0, x1], [y0, y1]], quantity }: PaintedMap,
  frame: Frame,
  small: HTMLCanvasElement,
): void => {
  if (small.width !== side) [small.width, small.height] = [side, side];
  small.getContext('2d')!.putImageData(new ImageData(pixels, side, side), 0, 0);
  context.imageSmoothingEnabled = quantity !== 'steps';
  context.imageSmoothingQuality = 'high';
  context.drawImage(
    small,
    toX(frame, x0),
    toY(frame, y1),
    toX(frame, x1) - toX(frame, x0),
    toY(frame, y0) - toY(frame, y1),
  );
};

/** Color of geographic border lines, which are visible on dark and on light parts of a map. */
const OUTLINE = 'rgb(170 176 190 / 0.65)';

const drawOutline = (context: CanvasRenderingContext2D, outline: Float32Array, frame: Frame, color: string): void => {
  context.strokeStyle = color;
  context.lineWidth = 1;
  context.beginPath();
  let pen = false;
  for (let i = 0; i < outline.length; i += 2) {
    const [x, y] = [outline[i]!, outline[i + 1]!];
    if (pen) context.lineTo(toX(frame, x), toY(frame, y));
    else context.moveTo(toX(frame, x), toY(frame, y));
    pen = !Number.isNaN(x);
  }
  context.stroke();
};

/**
 * Draws the lines of the grid. Lines that are horizontal in data space and lines that are vertical in data space have
 * different colors. All lines of a color are drawn as one path.
 */
const drawGrid = (
  context: CanvasRenderingContext2D,
  { points, first, pointsPerLine }: Grid,
  frame: Frame,
  theme: Theme,
): void => {
  const count = points.length / 2 / pointsPerLine;
  context.lineWidth = 1.2;
  context.lineJoin = 'round';
  for (const upright of [false, true]) {
    context.strokeStyle = theme.curves[upright ? 1 : 0];
    context.beginPath();
    for (let line = 0; line < count; line++) {
      if (isUpright(first, line, pointsPerLine) !== upright) continue;
      let pen = false;
      for (let i = line * pointsPerLine; i < (line + 1) * pointsPerLine; i++) {
        const [x, y] = [toX(frame, points[2 * i]!), toY(frame, points[2 * i + 1]!)];
        // A line is interrupted where a value is not finite or very large.
        if (!(Math.abs(x) < 1e6 && Math.abs(y) < 1e6)) {
          pen = false;
          continue;
        }
        if (pen) context.lineTo(x, y);
        else context.moveTo(x, y);
        pen = true;
      }
    }
    context.stroke();
  }
};

const drawAxes = (
  context: CanvasRenderingContext2D,
  frame: Frame,
  theme: Theme,
  columns: readonly [string, string],
): void => {
  const {
    left,
    top,
    side,
    down,
    region: [across, up],
  } = frame;
  const most = side < 320 ? 5 : 8;
  context.strokeStyle = theme.inkSoft;
  context.lineWidth = 1;
  context.strokeRect(left - 0.5, top - 0.5, side + 1, down + 1);
  context.fillStyle = theme.inkSoft;
  context.font = fontOf(11);
  context.beginPath();
  context.textAlign = 'center';
  context.textBaseline = 'top';
  for (const { at, label } of ticksOf(...across, most)) {
    const x = Math.round(toX(frame, at)) + 0.5;
    context.moveTo(x, top + down + 1);
    context.lineTo(x, top + down + 5);
    context.fillText(label, Math.min(x, left + side - 4), top + down + 7);
  }
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  for (const { at, label } of ticksOf(...up, Math.max(5, Math.round((most * down) / side)))) {
    const y = Math.round(toY(frame, at)) + 0.5;
    context.moveTo(left - 1, y);
    context.lineTo(left - 5, y);
    context.fillText(label, left - 7, y, left - 22);
  }
  context.stroke();
  context.fillStyle = theme.ink;
  context.textAlign = 'center';
  context.textBaseline = 'alphabetic';
  context.fillText(columns[0], left + side / 2, top + down + 32, side);
  context.save();
  context.translate(11, top + down / 2);
  context.rotate(-Math.PI / 2);
  context.fillText(columns[1], 0, 0, down);
  context.restore();
};

/** Draws the legend above the plot, in one row: quantity, training step, minimum, color bar, maximum. */
const drawColorBar = (
  context: CanvasRenderingContext2D,
  { quantity, low, high, step, scale }: PaintedMap,
  { left, top, side }: Frame,
  theme: Theme,
): void => {
  const ramp = rampOf(quantity);
  const [from, to] = limitsOf(quantity, low, high);
  const middle = top - 15;
  context.font = fontOf(11);
  context.textBaseline = 'middle';
  context.fillStyle = theme.ink;
  context.textAlign = 'left';
  const named =
    quantity === 'density' ? `density, ${scale === 'linear' ? scale : 'log'} scale` : QUANTITY_WORDS[quantity];
  const words = `${named}, ${atStep(step)}`;
  context.fillText(words, left, middle);
  const [least, most] = [format(from, 2), format(to, 2)];
  const end = left + side - context.measureText(most).width - 6;
  const start = Math.max(left + context.measureText(words).width + context.measureText(least).width + 20, end - 220);
  context.fillText(most, end + 6, middle);
  context.textAlign = 'right';
  context.fillText(least, start - 6, middle);
  const colors = context.createLinearGradient(start, 0, end, 0);
  for (let i = 0; i < ramp.length; i += 15) colors.addColorStop(i / (ramp.length - 1), `rgb(${ramp[i]!.join(' ')})`);
  context.fillStyle = colors;
  context.fillRect(start, middle - 5, end - start, 10);
  context.strokeStyle = theme.inkSoft;
  context.lineWidth = 1;
  context.strokeRect(start - 0.5, middle - 5.5, end - start + 1, 11);
};
