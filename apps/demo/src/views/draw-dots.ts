import { blank } from './canvas.ts';
import { NO_ROWS, stampDots, stampOf, type Rows, type Stamp } from './dots.ts';
import type { DotsSeen } from './scene.ts';

/** Colors of dots that occur in no map: white for data, pink for samples, both with a dark rim. */
export const DOT_COLORS = { data: '#ffffff', samples: '#ff7ac3', rim: '#0a0c12' } as const;

/** Draws rows as dots onto a context whose unit is `scale` pixels. Reuses its pixel buffer. */
export const dotsPainter = (): ((context: CanvasRenderingContext2D, dots: DotsSeen, scale: number) => void) => {
  let image: ImageData | undefined;
  let inked: Rows = NO_ROWS;
  let stamps: { readonly scale: number; readonly data: Stamp; readonly samples: Stamp } | undefined;
  return (context, { size, frame, data, samples }, scale) => {
    if (data === undefined && samples === undefined) return;
    const width = Math.round(size * scale);
    if (image?.width === width) new Uint32Array(image.data.buffer).fill(0, inked.first * width, inked.end * width);
    else image = new ImageData(width, width);
    if (stamps?.scale !== scale)
      stamps = {
        scale,
        data: stampOf('disc', DOT_COLORS.data, DOT_COLORS.rim, scale),
        samples: stampOf('cross', DOT_COLORS.samples, DOT_COLORS.rim, scale),
      };
    inked = stampDots(
      image,
      [
        ...(samples === undefined ? [] : [{ points: samples, stamp: stamps.samples }]),
        ...(data === undefined ? [] : [{ points: data, stamp: stamps.data }]),
      ],
      frame,
      scale,
    );
    if (inked.end > inked.first) context.putImageData(image, 0, 0, 0, inked.first, width, inked.end - inked.first);
  };
};

/** The same on a canvas with content, which `putImageData` would erase. */
export const dotsOver = (context: CanvasRenderingContext2D, dots: DotsSeen, scale: number): void => {
  const layer = blank(dots.size * scale, dots.size * scale);
  dotsPainter()(layer.getContext('2d')!, dots, scale);
  context.drawImage(layer, 0, 0, dots.size, dots.size);
};
