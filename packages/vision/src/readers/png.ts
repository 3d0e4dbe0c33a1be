import { decode, type DecodedPng } from 'fast-png';
import type { Picture } from './picture.ts';
import { assertPngContent } from './png-content.ts';

/**
 * Decodes a PNG file of any kind. Gray samples of 1 to 8 bits are scaled to bytes, and samples of 16 bits are scaled to
 * 8 bits (`round(v / 257)`). Palette entries are converted to colors. Transparent parts are drawn over black, so a
 * fully transparent pixel is 0.
 *
 * @throws an `Error` for a broken file; checksums and sizes are checked.
 */
export const decodePng = (bytes: Uint8Array): Picture => {
  assertPngContent(bytes);
  const png = decode(bytes, { checkCrc: true });
  const { height, width } = png;
  const samples = png.depth < 8 ? unpackedSamples(png) : png.data;
  const stored = png.channels;
  const channels = png.palette !== undefined || stored >= 3 ? 3 : 1;
  const pixels = new Uint8Array(height * width * channels);
  const full = 2 ** png.depth - 1;
  const opaque = opacityOf(png, samples, full);
  for (let at = 0; at < height * width; at++) {
    if (png.palette !== undefined) {
      const entry = png.palette[samples[at]!];
      if (entry === undefined) throw new Error(`No color ${samples[at]} in the palette`);
      for (let c = 0; c < 3; c++) pixels[3 * at + c] = Math.round((entry[c]! * (entry[3] ?? 255)) / 255);
    } else {
      for (let c = 0; c < channels; c++)
        pixels[channels * at + c] = Math.round((255 * samples[stored * at + c]! * opaque(at)) / full);
    }
  }
  return { height, width, channels, pixels };
};

/**
 * Returns a function that returns the opacity of a pixel, 0 to 1. The opacity is the alpha value of the pixel, or 0 for
 * the color that the file declares transparent.
 */
const opacityOf = (
  { channels, transparency: clear }: DecodedPng,
  samples: ArrayLike<number>,
  full: number,
): ((at: number) => number) => {
  if (channels === 2 || channels === 4) return (at) => samples[channels * at + channels - 1]! / full;
  if (clear === undefined || clear.length < channels) return () => 1;
  return (at) => Number(!clear.subarray(0, channels).every((value, c) => value === samples[channels * at + c]));
};

/** Unpacks samples of less than 8 bits. Each line begins with a new byte, and the first sample is in the high bits. */
const unpackedSamples = ({ height, width, depth, data }: DecodedPng): Uint8Array => {
  const perLine = Math.ceil((width * depth) / 8);
  const samples = new Uint8Array(height * width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const bit = x * depth;
      samples[y * width + x] = (data[y * perLine + (bit >> 3)]! >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
    }
  }
  return samples;
};
