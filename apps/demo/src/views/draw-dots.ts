import { blank } from './canvas.ts';
import { NO_ROWS, stampDots, stampOf, type Rows, type Stamp } from './dots.ts';
import { coloringOf } from './point-colors.ts';
import type { DotsSeen } from './scene.ts';

/**
 * Colors of dots: white for data and pink for samples. Maps do not contain these colors. `rim` is the dark color around
 * each dot.
 */
export const DOT_COLORS = { data: '#ffffff', samples: '#ff7ac3', rim: '#0a0c12' } as const;

/**
 * Returns a function that draws rows as dots onto a context whose unit is `scale` pixels. The function reuses its pixel
 * buffer.
 */
export const dotsPainter = (): ((context: CanvasRenderingContext2D, dots: DotsSeen, scale: number) => void) => {
  let image: ImageData | undefined;
  let inked: Rows = NO_ROWS;
  const stamps = new Map<string, Stamp>();
  const stamp = (shape: Parameters<typeof stampOf>[0], color: string, scale: number): Stamp => {
    const key = `${shape} ${color} ${scale}`;
    const kept = stamps.get(key) ?? stampOf(shape, color, DOT_COLORS.rim, scale);
    stamps.set(key, kept);
    return kept;
  };
  return (context, { frame, data, colors, samples }, scale) => {
    if (data === undefined && samples === undefined) return;
    const [width, height] = [Math.round(frame.size * scale), Math.round(frame.full * scale)];
    if (image?.width === width && image.height === height)
      new Uint32Array(image.data.buffer).fill(0, inked.first * width, inked.end * width);
    else image = new ImageData(width, height);
    const coloring = colors === undefined ? undefined : coloringOf(colors);
    const discs = coloring?.colors.map((color) => stamp('large', color, scale)) ?? [
      stamp('disc', DOT_COLORS.data, scale),
    ];
    inked = stampDots(
      image,
      [
        ...(samples === undefined ? [] : [{ points: samples, stamps: [stamp('cross', DOT_COLORS.samples, scale)] }]),
        ...(data === undefined
          ? []
          : [{ points: data, stamps: discs, ...(coloring === undefined ? {} : { kinds: coloring.kinds }) }]),
      ],
      frame,
      scale,
    );
    if (inked.end > inked.first) context.putImageData(image, 0, 0, 0, inked.first, width, inked.end - inked.first);
  };
};

/**
 * Draws rows as dots onto a canvas that already has content. The dots are drawn onto a separate canvas first, because
 * `putImageData` would erase the content.
 */
export const dotsOver = (context: CanvasRenderingContext2D, dots: DotsSeen, scale: number): void => {
  const layer = blank(dots.frame.size * scale, dots.frame.full * scale);
  dotsPainter()(layer.getContext('2d')!, dots, scale);
  context.save();
  context.globalAlpha = dots.alpha;
  context.drawImage(layer, 0, 0, dots.frame.size, dots.frame.full);
  context.restore();
};
