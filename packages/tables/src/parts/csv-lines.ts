import type { TextFormat } from '../read/csv-text.ts';
import { malformed } from '../read/raw.ts';

const MARK = [0xef, 0xbb, 0xbf];

/** Removes the byte order mark at the beginning of the bytes. */
export const withoutMark = (bytes: Buffer): Buffer =>
  MARK.every((byte, i) => bytes[i] === byte) ? bytes.subarray(MARK.length) : bytes;

/**
 * Decodes whole lines of a UTF-8 file. The lines begin at byte `from` of the file, where the line number is `line`.
 *
 * @throws `input` if the bytes are not UTF-8. The message contains the line number.
 */
export const linesText = (
  file: string,
  bytes: Buffer,
  { from, line }: { readonly from: number; readonly line: number },
  format: TextFormat = 'CSV',
): string => {
  // Only the beginning of a file can have a byte order mark. At any later position, the character of a byte order mark
  // is part of a cell.
  const ignoreBOM = from > 0;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM }).decode(bytes);
  } catch (cause) {
    // The bytes are decoded a second time, with replacement characters. The first replacement character shows which
    // line is wrong.
    const [before = ''] = new TextDecoder().decode(bytes).split('\uFFFD', 1);
    throw malformed(
      file,
      `Line ${line - 1 + before.split(/\r\n|\n|\r/).length} is not UTF-8`,
      'text in UTF-8',
      'bytes of another encoding',
      `Export the table as ${format} in UTF-8.`,
      cause,
    );
  }
};
