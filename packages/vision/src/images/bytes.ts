import type { Images } from './images.ts';

/**
 * Images from gray levels with noise `[count, ...shape]`: rounded down, and cut to 0 to 255. NaN becomes 0.
 *
 * @param source Origin of the images, for messages.
 */
export const imagesOf = (values: Float32Array, shape: Images['shape'], source: string): Images => ({
  shape,
  count: values.length / (shape[0] * shape[1] * shape[2]),
  pixels: Uint8Array.from(values, (value) => Math.max(0, Math.min(255, Math.floor(value)))),
  source,
});
