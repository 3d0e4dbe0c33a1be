import { sizeOf } from '@impflow/core';
import type { Tiles } from '@impflow/plots';
import type { ImageDensity, Images } from '@impflow/vision';

const SAMPLES = 100;
const ACROSS = 10;
const STEPS = 8;
const PAIRS = 8;
/**
 * Number of pairs of rows in the picture. The upper row of a pair contains test images, and the lower row contains
 * their reconstructions.
 */
const BANDS = 4;

const tiles = async (drawn: Tiles): Promise<Uint8Array> => (await import('@impflow/plots')).tilesPng(drawn);

/** Draws a PNG of a hundred samples, ten by ten. */
export const samplesPicture = (density: ImageDensity, seed: number): Promise<Uint8Array> =>
  samplesGrid(density.sample(SAMPLES, { seed }));

/** Draws a PNG of samples in a grid that is about square. */
export const samplesGrid = ({ shape, pixels, count }: Images): Promise<Uint8Array> =>
  tiles({ shape, pixels, columns: count === SAMPLES ? ACROSS : Math.ceil(Math.sqrt(count)) });

/**
 * Draws a PNG of interpolations between pairs of test images. Each row of the picture belongs to one pair. The row has
 * eight points on an arc through the base space, including both ends of the arc.
 */
export const interpolationsPicture = (density: ImageDensity, test: Images): Promise<Uint8Array> => {
  const { shape, pixels } = density.interpolate(test, { pairs: PAIRS, steps: STEPS });
  return tiles({ shape, pixels, columns: STEPS });
};

/**
 * Draws a PNG of test images and their reconstructions. Each row of ten test images is above the row of its
 * reconstructions.
 */
export const reconstructionsPicture = (density: ImageDensity, test: Images): Promise<Uint8Array> => {
  const size = sizeOf(test.shape);
  const count = Math.min(test.count, BANDS * ACROSS);
  const originals: Images = { ...test, count, pixels: test.pixels.subarray(0, count * size) };
  const back = density.reconstruct(originals).pixels;
  const across = Math.min(count, ACROSS);
  const bands = Math.ceil(count / across);
  // Unused cells of the last row of the picture stay white.
  const pixels = new Uint8Array(2 * bands * across * size).fill(255);
  for (let i = 0; i < count; i++) {
    const [band, column] = [Math.floor(i / across), i % across];
    pixels.set(originals.pixels.subarray(i * size, (i + 1) * size), (2 * band * across + column) * size);
    pixels.set(back.subarray(i * size, (i + 1) * size), ((2 * band + 1) * across + column) * size);
  }
  return tiles({ shape: test.shape, pixels, columns: across, group: 2 });
};
