/** Points of each data set, as base64 of bytes from 0 to 255 along both sides; the plugin in `build/thumbnails.ts` makes it. */
export const thumbnailPoints: Readonly<Record<string, string>>;
