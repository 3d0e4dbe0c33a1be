import { paint } from '../../colors.ts';
import type { PairAxis, PairPicture } from '../../protocol/table.ts';
import { blank, fontOf } from '../../views/canvas.ts';

/** Space around the plot, in CSS pixels. */
export const PLOT = { left: 58, right: 10, top: 10, bottom: 44 } as const;
/** A row is strange if its p-value is at most this. */
export const STRANGE = 0.05;
/** Largest number of usual rows that are drawn. All strange rows are drawn. */
const MOST_DOTS = 4000;
/** Largest distance in CSS pixels at which a click chooses a row. */
const REACH = 18;

/** What a picture of two columns shows. */
interface Shown {
  readonly pair: PairPicture;
  readonly pValues: Float64Array | undefined;
  readonly chosen: number | undefined;
  /** Width and height in CSS pixels. */
  readonly side: number;
}

/** Draws the light, the rows and the axes. */
export const drawPair = (context: CanvasRenderingContext2D, shown: Shown): void => {
  const { pair, side } = shown;
  drawLight(context, pair, side);
  drawRows(context, shown);
  drawAxes(context, pair, side);
};

const plotOf = (side: number): { readonly width: number; readonly height: number } => ({
  width: side - PLOT.left - PLOT.right,
  height: side - PLOT.top - PLOT.bottom,
});

const drawLight = (context: CanvasRenderingContext2D, { light, size, across, up }: PairPicture, side: number): void => {
  const [width, height] = size;
  const cells = blank(width, height);
  const low = light.reduce((least, value) => Math.min(least, value), 0);
  cells.getContext('2d')!.putImageData(new ImageData(paint(light, 'density', low, 0), width, height), 0, 0);
  const plot = plotOf(side);
  // Bands of categories keep their edges.
  context.imageSmoothingEnabled = across.bands === undefined && up.bands === undefined;
  context.imageSmoothingQuality = 'high';
  context.drawImage(cells, PLOT.left, PLOT.top, plot.width, plot.height);
};

/** Returns the place of a row in CSS pixels, or undefined if one of its two cells is empty. */
const placeOf = ({ rows }: PairPicture, side: number, row: number): readonly [number, number] | undefined => {
  const [x, y] = [rows[2 * row]!, rows[2 * row + 1]!];
  if (Number.isNaN(x + y)) return undefined;
  const { width, height } = plotOf(side);
  return [PLOT.left + x * width, PLOT.top + (1 - y) * height];
};

const drawRows = (context: CanvasRenderingContext2D, { pair, pValues, chosen, side }: Shown): void => {
  const count = pair.rows.length / 2;
  const every = Math.max(1, Math.ceil(count / MOST_DOTS));
  const isStrange = (row: number): boolean => (pValues?.[row] ?? 1) <= STRANGE;
  const dot = (row: number, radius: number, fill: string, edge: string): void => {
    const place = placeOf(pair, side, row);
    if (place === undefined) return;
    context.beginPath();
    context.arc(...place, radius, 0, 2 * Math.PI);
    context.fillStyle = fill;
    context.fill();
    context.lineWidth = 1;
    context.strokeStyle = edge;
    context.stroke();
  };
  for (let row = 0; row < count; row += every)
    if (!isStrange(row)) dot(row, 2, 'rgb(255 255 255 / 60%)', 'rgb(0 0 0 / 35%)');
  for (let row = 0; row < count; row++) if (isStrange(row)) dot(row, 4, '#ff8a3c', '#1a1c21');
  if (chosen === undefined) return;
  dot(chosen, 5, isStrange(chosen) ? '#ff8a3c' : '#ffffff', '#1a1c21');
  const place = placeOf(pair, side, chosen);
  if (place === undefined) return;
  for (const [radius, width, color] of [
    [10, 5, '#1a1c21'],
    [10, 2.5, '#ffffff'],
  ] as const) {
    context.beginPath();
    context.arc(...place, radius, 0, 2 * Math.PI);
    context.lineWidth = width;
    context.strokeStyle = color;
    context.stroke();
  }
};

const drawAxes = (context: CanvasRenderingContext2D, { across, up }: PairPicture, side: number): void => {
  const style = getComputedStyle(document.documentElement);
  const { width, height } = plotOf(side);
  context.strokeStyle = style.getPropertyValue('--edge');
  context.lineWidth = 1;
  context.strokeRect(PLOT.left - 0.5, PLOT.top - 0.5, width + 1, height + 1);
  context.fillStyle = style.getPropertyValue('--ink-soft');
  context.font = fontOf(12);
  context.textAlign = 'center';
  const room = across.bands === undefined ? 70 : width / across.bands - 4;
  for (const { at, label } of visible(across))
    context.fillText(fitted(context, label, room), PLOT.left + at * width, side - PLOT.bottom + 16);
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  for (const { at, label } of visible(up))
    context.fillText(fitted(context, label, PLOT.left - 24), PLOT.left - 6, PLOT.top + (1 - at) * height);
  context.fillStyle = style.getPropertyValue('--ink');
  context.font = fontOf(13, 600);
  context.textAlign = 'center';
  context.textBaseline = 'alphabetic';
  context.fillText(fitted(context, across.name, width), PLOT.left + width / 2, side - 8);
  context.translate(13, PLOT.top + height / 2);
  context.rotate(-Math.PI / 2);
  context.fillText(fitted(context, up.name, height), 0, 0);
};

const visible = ({ ticks }: PairAxis): PairAxis['ticks'] => ticks.filter(({ at }) => at >= 0 && at <= 1);

/** Shortens a text until it fits into a width. */
const fitted = (context: CanvasRenderingContext2D, text: string, width: number): string => {
  if (context.measureText(text).width <= width) return text;
  let length = text.length - 1;
  while (length > 1 && context.measureText(`${text.slice(0, length)}…`).width > width) length -= 1;
  return `${text.slice(0, length)}…`;
};

/** Returns the row whose dot is nearest to a place, or undefined if no row is near. */
export const nearestRow = (pair: PairPicture, side: number, x: number, y: number): number | undefined => {
  let [found, least] = [undefined as number | undefined, REACH];
  for (let row = 0; row < pair.rows.length / 2; row++) {
    const place = placeOf(pair, side, row);
    if (place === undefined) continue;
    const away = Math.hypot(place[0] - x, place[1] - y);
    if (away < least) [found, least] = [row, away];
  }
  return found;
};
