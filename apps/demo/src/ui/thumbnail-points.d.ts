/**
 * Points of each data set, `x, y, x, y, ...`, as base64 of one byte per coordinate. The vite plugin in
 * `build/thumbnails.ts` generates this module.
 */
export const thumbnailPoints: Readonly<Record<string, string>>;
