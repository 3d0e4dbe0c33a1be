import { FlowError } from '@impflow/core';
import { MOST_BYTES } from './csv-text.ts';
import { malformed } from './raw.ts';

/** Whether bytes begin like a gzip file. */
export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/**
 * Unpacks a text that is packed by gzip. Other bytes are returned unchanged, because a server or a browser may have
 * unpacked the file already. `name` is the name of the file, for error messages.
 *
 * @param most Largest length of the result, because gzip packs up to 1,032 bytes into one. Default: the length of the
 * longest text, 512 MiB.
 * @throws `input` for a damaged file, and for too much text; `unsupported` where the platform cannot unpack gzip.
 */
export const gunzipped = async (name: string, bytes: Uint8Array, most: number = MOST_BYTES): Promise<Uint8Array> => {
  if (!isGzip(bytes)) return bytes;
  if (typeof DecompressionStream === 'undefined')
    throw new FlowError('unsupported', 'tables/readFrame', `Cannot unpack ${name}`, {
      expected: 'a browser with DecompressionStream',
      got: 'none',
      hint: 'Unpack the file, or use a newer browser.',
    });
  const blocks: Uint8Array[] = [];
  let size = 0;
  const packed = new Blob([bytes as Uint8Array<ArrayBuffer>]);
  const reader = packed.stream().pipeThrough(new DecompressionStream('gzip')).getReader();
  for (;;) {
    const { done, value } = await reader.read().catch((cause: unknown) => {
      throw damagedGzip(name, cause);
    });
    if (done) return joined(blocks, size);
    blocks.push(value);
    size += value.length;
    if (size > most) {
      await reader.cancel();
      throw malformed(
        name,
        'Too much text',
        `at most ${most} bytes after unpacking`,
        'more',
        'Convert the table to Parquet.',
      );
    }
  }
};

/** Returns the error for a gzip file that cannot be unpacked. */
export const damagedGzip = (name: string, cause: unknown): FlowError =>
  malformed(
    name,
    'No readable gzip data',
    'a complete gzip file',
    (cause as Error).message,
    'Pack or copy the file again.',
    cause,
  );

const joined = (blocks: readonly Uint8Array[], size: number): Uint8Array => {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const block of blocks) {
    whole.set(block, at);
    at += block.length;
  }
  return whole;
};
