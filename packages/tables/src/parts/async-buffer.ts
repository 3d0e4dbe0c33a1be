import type { AsyncBuffer } from 'hyparquet';
import type { ByteSource } from './byte-source.ts';

/** Returns a file in the form that the library hyparquet reads. */
export const asyncBuffer = (source: ByteSource): AsyncBuffer => ({
  byteLength: source.size,
  slice: async (from, to = source.size) => {
    const { buffer, byteOffset, byteLength } = await source.read(from, to);
    const whole = buffer as ArrayBuffer;
    return byteLength === whole.byteLength ? whole : whole.slice(byteOffset, byteOffset + byteLength);
  },
});
