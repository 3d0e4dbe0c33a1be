import type { RenderFunction } from '@observablehq/plot';
import { encode } from 'fast-png';
import { viridis } from './colors.ts';

/** Values on a regular grid, `values[row * width + column]`. The first row has the lowest y. `NaN` is transparent. */
export interface Raster {
  /** Number of columns. */
  readonly width: number;
  /** Number of rows. */
  readonly height: number;
  /** 0 is dark, 1 is bright. Values below 0 are drawn as 0, values above 1 as 1. */
  readonly values: ArrayLike<number>;
}

/**
 * Draws a raster as a PNG with one pixel per value, the first row at the bottom. 0 is the darkest color of viridis, 1
 * is the brightest.
 */
export const rasterPng = ({ width, height, values }: Raster): Uint8Array => {
  const table = viridis();
  const data = new Uint8Array(4 * width * height);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const value = values[row * width + column]!;
      if (Number.isNaN(value)) continue;
      const entry = 3 * Math.round(255 * Math.min(1, Math.max(0, value)));
      const at = 4 * ((height - 1 - row) * width + column);
      data.set(table.subarray(entry, entry + 3), at);
      data[at + 3] = 255;
    }
  }
  return encode({ width, height, data, channels: 4, depth: 8 });
};

/** Returns the PNG of a raster as a `data:` URI, for an `image` element. */
const pngDataUri = (raster: Raster): string =>
  `data:image/png;base64,${Buffer.from(rasterPng(raster)).toString('base64')}`;

/** The rectangle of a raster, in the units of the axes. */
export interface Extent {
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
}

/**
 * Returns a mark for Observable Plot that stretches a raster over `extent`. The raster mark of Observable Plot needs a
 * canvas, which Node lacks.
 */
export const rasterMark =
  (raster: Raster, extent: Extent): RenderFunction =>
  (_index, scales, _values, _dimensions, { document }) => {
    const position = (scale: ((value: number) => number) | undefined, [low, high]: readonly [number, number]) => {
      const [a, b] = [scale!(low), scale!(high)];
      return { start: Math.min(a, b), size: Math.abs(b - a) };
    };
    const x = position(scales.x, extent.x);
    const y = position(scales.y, extent.y);
    const image = document.createElementNS('http://www.w3.org/2000/svg', 'image');
    const attributes = {
      x: x.start,
      y: y.start,
      width: x.size,
      height: y.size,
      preserveAspectRatio: 'none',
      href: pngDataUri(raster),
    };
    for (const [name, value] of Object.entries(attributes)) image.setAttribute(name, String(value));
    return image;
  };
