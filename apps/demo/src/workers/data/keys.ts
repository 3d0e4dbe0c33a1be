/**
 * Purposes within the data's key. The command line uses 1 to 5 for tables, 6 and 7 for the noise of images. The noise
 * that a visitor adds exists on the page only.
 */
export const PURPOSE = { validation: 1, train: 3, dequantise: 4, split: 5, noise: 8 } as const;

/** Purpose within the key of a toy's draw, which uses 0 to 3 itself. */
export const NOISE_STREAM = 4;
