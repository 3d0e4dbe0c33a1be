import { decode } from 'jpeg-js';
import type { Picture } from './picture.ts';

/**
 * Decodes a JPEG file, which may be baseline or progressive, and gray or color. The EXIF orientation is ignored, so
 * pixels are returned in their stored order.
 *
 * @throws an `Error` for a broken or truncated file, and for four components (CMYK).
 */
export const decodeJpeg = (bytes: Uint8Array): Picture => {
  const { components, rgb } = headerOf(bytes);
  if (components !== 1 && components !== 3)
    throw new Error(`${components} components instead of 1 (gray) or 3 (color)`);
  const { height, width, data } = decode(bytes, {
    useTArray: true,
    formatAsRGBA: false,
    tolerantDecoding: false,
    ...(rgb ? { colorTransform: false } : {}),
  });
  return { height, width, channels: components, pixels: components === 3 ? data : data.filter((_, i) => i % 3 === 0) };
};

/**
 * Returns the number of color components, and whether they are red, green and blue (`rgb`) or luminance and
 * chrominance. In a file with the JFIF marker, the components are luminance and chrominance. In a file without the JFIF
 * marker, the Adobe marker decides. If neither marker is present, the components are red, green and blue if their names
 * are R, G and B.
 */
const headerOf = (bytes: Uint8Array): { readonly components: number; readonly rgb: boolean } => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = (from: number, length: number): string => String.fromCharCode(...bytes.subarray(from, from + length));
  let [jfif, adobe] = [false, undefined as number | undefined];
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff;) {
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at++;
      continue;
    }
    const length = view.getUint16(at + 2);
    if (marker === 0xe0 && text(at + 4, 4) === 'JFIF') jfif = true;
    if (marker === 0xee && text(at + 4, 5) === 'Adobe') adobe = bytes[at + 15];
    // The markers C0 to CF start a frame, except C4 and CC, which start tables, and C8, which is reserved.
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      const components = bytes[at + 9] ?? 0;
      const named = [0, 1, 2].map((i) => text(at + 10 + 3 * i, 1)).join('') === 'RGB';
      return { components, rgb: !jfif && (adobe === undefined ? named : adobe === 0) };
    }
    at += 2 + length;
  }
  throw new Error('no frame of a JPEG');
};
