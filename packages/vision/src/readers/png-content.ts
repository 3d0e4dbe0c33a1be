import { inflateSync } from 'node:zlib';

/**
 * Number of samples per pixel, by the color type in the header: gray, color, palette, gray with alpha, color with
 * alpha.
 */
const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** The passes of an interlaced file (Adam7): first column, first row, step of columns, step of rows. */
const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** Largest number of bytes that one byte of a deflate stream can expand to. */
const MOST_PER_BYTE = 1032;

/**
 * Checks that the compressed lines of a PNG have the size that its header declares, before a decoder allocates memory.
 * The check is needed because a short header can declare gigabytes, lines can continue beyond the image, and a decoder
 * reads missing lines as zeros.
 *
 * @remarks Decompresses the lines of the image, and at most 64 kB after them.
 * @throws an `Error` for an image without pixels, for lines that are too short or too long, or for a wrong checksum.
 * @see W3C, Portable Network Graphics (PNG) Specification, third edition, 2025, sections 8, 10 and 11.2.1.
 */
export const assertPngContent = (bytes: Uint8Array): void => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 33 || view.getUint32(12) !== IHDR) throw new Error('no header of a PNG');
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const [depth, color, interlaced] = [bytes[24]!, bytes[25]!, bytes[28] === 1];
  if (width === 0 || height === 0) throw new Error(`an image of ${width} x ${height} pixels`);
  const parts = compressed(bytes, view);
  const stored = parts.reduce((sum, part) => sum + part.length, 0);
  const needed = bytesOf(width, height, (SAMPLES[color] ?? 1) * depth, interlaced);
  if (needed > stored * MOST_PER_BYTE)
    throw new Error(`${stored} compressed bytes for an image of ${width} x ${height} pixels`);
  const { length } = inflated(Buffer.concat(parts), needed + SLACK);
  if (length < needed) throw new Error(`${length} bytes of lines instead of ${needed}`);
};

/** Number of bytes that are allowed after the image. Some programs write a few additional bytes, which do no harm. */
const SLACK = 1 << 16;

const inflated = (stream: Buffer, most: number): Buffer => {
  try {
    return inflateSync(stream, { maxOutputLength: most });
  } catch (cause) {
    throw (cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
      ? new Error('more lines than the image has', { cause })
      : cause;
  }
};

const IHDR = 0x49484452;
const IDAT = 0x49444154;

/** Returns the contents of the IDAT chunks, which together are the compressed stream. */
const compressed = (bytes: Uint8Array, view: DataView): readonly Uint8Array[] => {
  const parts: Uint8Array[] = [];
  for (let at = 8; at + 12 <= bytes.length; at += 12 + view.getUint32(at)) {
    if (view.getUint32(at + 4) === IDAT) parts.push(bytes.subarray(at + 8, at + 8 + view.getUint32(at)));
  }
  return parts;
};

/**
 * Returns the total size of all lines in bytes. Each line begins with one byte, which contains the number of the line's
 * filter.
 */
const bytesOf = (width: number, height: number, bitsPerPixel: number, interlaced: boolean): number => {
  const lines = (w: number, h: number): number => (w === 0 ? 0 : h * (1 + Math.ceil((w * bitsPerPixel) / 8)));
  if (!interlaced) return lines(width, height);
  return PASSES.reduce(
    (sum, [left, top, across, down]) =>
      sum + lines(Math.ceil(Math.max(0, width - left) / across), Math.ceil(Math.max(0, height - top) / down)),
    0,
  );
};
