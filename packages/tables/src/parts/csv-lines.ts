import { malformed } from '../read/raw.ts';

const MARK = [0xef, 0xbb, 0xbf];

/** Returns the bytes without the byte order mark at their beginning, if there is one. */
export const withoutMark = (bytes: Buffer): Buffer =>
  MARK.every((byte, i) => bytes[i] === byte) ? bytes.subarray(MARK.length) : bytes;

/**
 * Decodes lines of a text in UTF-8. The lines begin at byte `from` of the file, which is in line `line`.
 *
 * @throws `input` for another encoding, with the line.
 */
export const linesText = (
  file: string,
  bytes: Buffer,
  { from, line }: { readonly from: number; readonly line: number },
): string => {
  // Only the beginning of a file can have a byte order mark; elsewhere the same character is part of a cell.
  const ignoreBOM = from > 0;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM }).decode(bytes);
  } catch (cause) {
    // Decodes again with replacement characters. The first replacement character shows the line.
    const [before = ''] = new TextDecoder().decode(bytes).split('\uFFFD', 1);
    throw malformed(
      file,
      `Line ${line - 1 + before.split(/\r\n|\n|\r/).length} is not UTF-8`,
      'text in UTF-8',
      'bytes of another encoding',
      'Export the table as CSV in UTF-8.',
      cause,
    );
  }
};
