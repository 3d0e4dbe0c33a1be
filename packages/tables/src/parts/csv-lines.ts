import { malformed } from '../read/raw.ts';

const MARK = [0xef, 0xbb, 0xbf];

/** The bytes without a byte order mark at their beginning. */
export const withoutMark = (bytes: Buffer): Buffer =>
  MARK.every((byte, i) => bytes[i] === byte) ? bytes.subarray(MARK.length) : bytes;

/**
 * Decodes lines of a text in UTF-8, which begin at byte `from` and in line `line` of the file.
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
    // Decode again with replacement characters: the first one shows the line.
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
