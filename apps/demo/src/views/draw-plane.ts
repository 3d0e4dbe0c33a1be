import { ticksOf } from '../axes.ts';
import { oklch } from '../colors.ts';
import type { Region } from '../protocol/data.ts';
import { fontOf } from './canvas.ts';
import { stampDots, stampOf, type Stamp } from './dots.ts';
import { toX, toY, type Frame } from './frame.ts';
import type { Theme } from './theme.ts';

/** Content of one of the two planes (data and base): lines, dots and the grid cell under the pointer. */
export interface Plane {
  readonly frame: Frame;
  readonly theme: Theme;
  readonly title: string;
  /** Positions of the lines, `[lines * pointsPerLine, 2]`. */
  readonly lines: Float32Array;
  readonly pointsPerLine: number;
  readonly dots: Float32Array;
  /** For each dot, the index of its color. */
  readonly kinds: Uint8Array;
  readonly colors: readonly string[];
  /** Whether the circles of the base Gaussian are drawn. */
  readonly circles: boolean;
  /** Border of the grid cell under the pointer. */
  readonly cell?: Float32Array;
  /** Positions of the chosen point at the stages that it has passed. The last position is the current position. */
  readonly trail?: Float32Array;
}

const MARGIN = { left: 30, right: 6, top: 22, bottom: 20 } as const;

/** Returns the position of the plot in a picture of one plane, whose width is `size`. */
export const planeFrame = (size: number, region: Region, aspect = 1): Frame => {
  const side = Math.max(1, size - MARGIN.left - MARGIN.right);
  const down = Math.max(1, Math.round(side * aspect));
  const full = size === 0 ? 0 : down + MARGIN.top + MARGIN.bottom;
  return { size, full, left: MARGIN.left, top: MARGIN.top, side, down, region };
};

/** Returns a function that draws planes and caches the stamps of the dots. */
export const planePainter = (): ((context: CanvasRenderingContext2D, plane: Plane, scale: number) => void) => {
  const stamps = new Map<string, Stamp>();
  let layer: HTMLCanvasElement | undefined;
  return (context, plane, scale) => {
    const { frame, theme } = plane;
    const { left, top, side, down } = frame;
    context.fillStyle = theme.panel;
    context.fillRect(left, top, side, down);
    context.save();
    context.beginPath();
    context.rect(left, top, side, down);
    context.clip();
    drawLines(context, plane);
    if (plane.circles) drawCircles(context, frame, theme);
    if (plane.cell !== undefined) drawCell(context, plane.cell, frame, theme);
    layer ??= document.createElement('canvas');
    drawDots(context, plane, scale, stamps, layer);
    if (plane.trail !== undefined) drawTrail(context, plane.trail, frame);
    context.restore();
    drawEdges(context, plane);
  };
};

const drawLines = (context: CanvasRenderingContext2D, { lines, pointsPerLine, frame, theme }: Plane): void => {
  context.strokeStyle = theme.inkSoft;
  context.globalAlpha = 0.45;
  context.lineWidth = 0.8;
  context.beginPath();
  for (let i = 0; i < lines.length; i += 2) {
    const [x, y] = [toX(frame, lines[i]!), toY(frame, lines[i + 1]!)];
    if ((i / 2) % pointsPerLine === 0) context.moveTo(x, y);
    else context.lineTo(x, y);
  }
  context.stroke();
  context.globalAlpha = 1;
};

/** Draws circles at one, two and three standard deviations of the base distribution. */
const drawCircles = (context: CanvasRenderingContext2D, frame: Frame, theme: Theme): void => {
  context.strokeStyle = theme.accent;
  context.lineWidth = 1.4;
  context.setLineDash([5, 4]);
  for (const radius of [1, 2, 3]) {
    context.beginPath();
    context.ellipse(
      toX(frame, 0),
      toY(frame, 0),
      toX(frame, radius) - toX(frame, 0),
      toY(frame, 0) - toY(frame, radius),
      0,
      0,
      2 * Math.PI,
    );
    context.stroke();
  }
  context.setLineDash([]);
};

const drawCell = (context: CanvasRenderingContext2D, border: Float32Array, frame: Frame, theme: Theme): void => {
  context.beginPath();
  for (let i = 0; i < border.length; i += 2) {
    if (i === 0) context.moveTo(toX(frame, border[i]!), toY(frame, border[i + 1]!));
    else context.lineTo(toX(frame, border[i]!), toY(frame, border[i + 1]!));
  }
  context.closePath();
  context.fillStyle = theme.accent;
  context.globalAlpha = 0.35;
  context.fill();
  context.globalAlpha = 1;
  context.strokeStyle = theme.accent;
  context.lineWidth = 2;
  context.stroke();
};

/** Draws dots on a separate canvas, because writing dots replaces the pixels under them. */
const drawDots = (
  context: CanvasRenderingContext2D,
  { dots, kinds, colors, frame, theme }: Plane,
  scale: number,
  stamps: Map<string, Stamp>,
  layer: HTMLCanvasElement,
): void => {
  const [width, height] = [Math.round(frame.size * scale), Math.round(frame.full * scale)];
  if (layer.width !== width || layer.height !== height) [layer.width, layer.height] = [width, height];
  const target = layer.getContext('2d', { willReadFrequently: true })!;
  const image = new ImageData(width, height);
  const rim = theme.dark ? '#0a0c12' : '#3a3f4a';
  const of = colors.map((color) => {
    const key = `${color} ${rim} ${scale}`;
    const stamp = stamps.get(key) ?? stampOf('large', color, rim, scale);
    stamps.set(key, stamp);
    return stamp;
  });
  stampDots(image, [{ points: dots, stamps: of, kinds }], frame, scale);
  target.putImageData(image, 0, 0);
  context.drawImage(layer, 0, 0, frame.size, frame.full);
};

const drawTrail = (context: CanvasRenderingContext2D, trail: Float32Array, frame: Frame): void => {
  const place = (i: number): readonly [number, number] => [toX(frame, trail[i]!), toY(frame, trail[i + 1]!)];
  for (const [color, width] of [
    ['rgb(10 12 18 / 0.85)', 4.5],
    ['#ffffff', 2],
  ] as const) {
    context.strokeStyle = color;
    context.lineWidth = width;
    context.lineJoin = 'round';
    context.beginPath();
    for (let i = 0; i < trail.length; i += 2) {
      if (i === 0) context.moveTo(...place(i));
      else context.lineTo(...place(i));
    }
    context.stroke();
  }
  context.beginPath();
  context.arc(...place(trail.length - 2), 6, 0, 2 * Math.PI);
  context.fillStyle = '#ff9a3d';
  context.fill();
  context.strokeStyle = 'rgb(10 12 18 / 0.85)';
  context.lineWidth = 1.5;
  context.stroke();
};

const drawEdges = (context: CanvasRenderingContext2D, { frame, theme, title }: Plane): void => {
  const {
    left,
    top,
    side,
    down,
    region: [across, up],
  } = frame;
  context.strokeStyle = theme.inkSoft;
  context.lineWidth = 1;
  context.strokeRect(left - 0.5, top - 0.5, side + 1, down + 1);
  context.fillStyle = theme.ink;
  context.font = fontOf(13, 600);
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  context.fillText(title, left, top - 11, side);
  context.fillStyle = theme.inkSoft;
  context.font = fontOf(11);
  context.textAlign = 'center';
  context.textBaseline = 'top';
  for (const { at, label } of ticksOf(...across, 5)) context.fillText(label, toX(frame, at), top + down + 5);
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  for (const { at, label } of ticksOf(...up, 5)) context.fillText(label, left - 4, toY(frame, at), left - 6);
};

/** Colors of the dots. The color of a dot shows the direction from the mean of all points to the start of the dot. */
export const WHEEL: readonly string[] = Array.from(
  { length: 12 },
  (_, i) => `rgb(${oklch(0.74, 0.14, (360 * i) / 12 + 15).join(' ')})`,
);

/**
 * Returns, for each point `[n, 2]`, the index of its color in {@link WHEEL}. The color depends on the direction of the
 * point from the mean of all points.
 */
export const kindsByDirection = (points: Float32Array): Uint8Array => {
  const count = points.length / 2;
  let [x, y] = [0, 0];
  for (let i = 0; i < points.length; i += 2) [x, y] = [x + points[i]! / count, y + points[i + 1]! / count];
  return Uint8Array.from({ length: count }, (_, i) => {
    const turn = Math.atan2(points[2 * i + 1]! - y, points[2 * i]! - x) / (2 * Math.PI);
    return Math.floor((turn + 1) * WHEEL.length) % WHEEL.length;
  });
};
