import type { RegularFile } from '@impflow/core';
import type { AsyncBuffer } from 'hyparquet';

/** Returns a file in the form that the library hyparquet reads. */
export const asyncBuffer = ({ size, read }: Pick<RegularFile, 'size' | 'read'>): AsyncBuffer => ({
  byteLength: size,
  slice: async (from, to = size) => {
    const { buffer, byteOffset, byteLength } = await read(from, to);
    const whole = buffer as ArrayBuffer;
    return byteLength === whole.byteLength ? whole : whole.slice(byteOffset, byteOffset + byteLength);
  },
});
