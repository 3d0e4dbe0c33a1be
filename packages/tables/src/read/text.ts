import { isPacked, unpackedExtension } from '../frame/extension.ts';
import type { TextFormat } from './csv-text.ts';
import { parseCsv } from './csv.ts';
import { gunzipped } from './gunzip.ts';
import { parseJsonLines } from './json-lines.ts';
import type { FrameOptions } from './options.ts';
import type { RawTable } from './raw.ts';

/** Returns the format of a text by the name of its file. A name with another extension counts as CSV. */
export const textFormat = (name: string): TextFormat =>
  ['.jsonl', '.ndjson'].includes(unpackedExtension(name)) ? 'JSON lines' : 'CSV';

/** Parses a text whose format is {@link textFormat}. The bytes are not packed. */
export const parseText = (name: string, bytes: Uint8Array, options: FrameOptions): RawTable =>
  textFormat(name) === 'CSV' ? parseCsv(name, bytes, options).table : parseJsonLines(name, bytes, options);

/**
 * Returns the bytes of a text. If the name ends in `.gz`, the bytes are unpacked.
 *
 * @throws the errors of {@link gunzipped}.
 */
export const unpackedText = async (name: string, bytes: Uint8Array): Promise<Uint8Array> =>
  isPacked(name) ? gunzipped(name, bytes) : bytes;
