import type { Frame } from '@impflow/tables';

/**
 * Returns the SHA-256 of all cells of the frames, in hexadecimal digits. Returns undefined in a web page without
 * `crypto.subtle`, which browsers offer only over HTTPS and on localhost.
 */
export const hashOf = async (...frames: readonly Frame[]): Promise<string | undefined> => {
  const { subtle } = globalThis.crypto ?? {};
  if (subtle === undefined) return undefined;
  const columns = frames.flatMap((frame) => frame.columns);
  const parts = columns.flatMap(({ name, numbers, written }) => [
    encoder.encode(JSON.stringify(name)),
    written === undefined
      ? new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength)
      : encoder.encode(JSON.stringify(written)),
  ]);
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  const digest = new Uint8Array(await subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
};

const encoder = new TextEncoder();
