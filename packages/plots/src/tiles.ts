import { FlowError } from '@impflow/core';
import { encode } from 'fast-png';

/** Several pictures that all have one size. */
export interface Pictures {
  /** Size of each picture; 1 channel is gray, 3 channels are RGB. */
  readonly shape: readonly [height: number, width: number, channels: number];
  /** Bytes `[count, height, width, channels]`. */
  readonly pixels: Uint8Array;
}

/** Pictures in a grid, row by row. */
export interface Tiles extends Pictures {
  /** Number of pictures in a line. */
  readonly columns: number;
  /** Number of lines of pictures between two wider gaps. Default: no wider gaps. */
  readonly group?: number;
  /**
   * Side length of the square that is drawn for a pixel. Default: 1 to 6, so that a picture is about sixty pixels high.
   */
  readonly zoom?: number;
}

const GAP = 2;
const WIDE = 10;
const MARGIN = 6;

/**
 * Draws a grid of pictures on a white background as a PNG.
 *
 * @throws `shape` if the bytes do not fit the shape, or if the number of channels is not 1 or 3.
 */
export const tilesPng = ({
  shape: [height, width, channels],
  pixels,
  columns,
  group = Infinity,
  zoom = zoomFor(height),
}: Tiles): Uint8Array => {
  const size = height * width * channels;
  const count = pixels.length / size;
  if ((channels !== 1 && channels !== 3) || !Number.isInteger(count) || count < 1) {
    throw new FlowError('shape', 'plots/tilesPng', 'Wrong pictures', {
      expected: 'bytes [count, height, width, 1 or 3]',
      got: `${pixels.length} bytes for [${height}, ${width}, ${channels}]`,
    });
  }
  const lines = Math.ceil(count / columns);
  const [high, wide] = [height * zoom, width * zoom];
  const top = (line: number): number => MARGIN + line * (high + GAP) + Math.floor(line / group) * (WIDE - GAP);
  const across = Math.min(columns, count);
  const [fullWidth, fullHeight] = [2 * MARGIN + across * (wide + GAP) - GAP, top(lines - 1) + high + MARGIN];
  const data = new Uint8Array(fullWidth * fullHeight * channels).fill(255);
  for (let i = 0; i < count; i++) {
    const [left, up] = [MARGIN + (i % columns) * (wide + GAP), top(Math.floor(i / columns))];
    for (let y = 0; y < high; y++) {
      for (let x = 0; x < wide; x++) {
        const from = i * size + (Math.floor(y / zoom) * width + Math.floor(x / zoom)) * channels;
        const to = ((up + y) * fullWidth + left + x) * channels;
        for (let c = 0; c < channels; c++) data[to + c] = pixels[from + c]!;
      }
    }
  }
  return encode({ width: fullWidth, height: fullHeight, data, channels, depth: 8 });
};

/** Draws one picture as a PNG. Each pixel becomes a square of side `zoom`. */
export const picturePng = ({ shape: [height, width, channels], pixels }: Pictures, zoom = 1): Uint8Array => {
  const data = new Uint8Array(height * width * zoom * zoom * channels);
  for (let y = 0; y < height * zoom; y++) {
    for (let x = 0; x < width * zoom; x++) {
      for (let c = 0; c < channels; c++)
        data[(y * width * zoom + x) * channels + c] =
          pixels[(Math.floor(y / zoom) * width + Math.floor(x / zoom)) * channels + c]!;
    }
  }
  return encode({ width: width * zoom, height: height * zoom, data, channels, depth: 8 });
};

/**
 * Returns the side length, from 1 to 6, of the square that is drawn for a pixel. With this side length, a picture of
 * the given height is easy to see.
 */
export const zoomFor = (height: number): number => Math.max(1, Math.min(6, Math.round(64 / height)));
