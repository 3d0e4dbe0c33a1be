import { malformed } from '../read/raw.ts';
import type { ByteSource } from './byte-source.ts';

const [LINE_FEED, RETURN, QUOTE] = [10, 13, 34];
/** To find the end of the last line, this many additional bytes are read after the requested bytes. */
const BEYOND = 2 ** 16;
/** Largest number of bytes of a line. A longer line is an error: it probably contains a quote that is never closed. */
const LONGEST_LINE = 2 ** 26;

/**
 * Reads whole lines of a CSV from byte `from` on. The lines have at least `wanted` bytes, or end at the end of the
 * file. A line break within quotes is part of a cell and does not end the line. With `hasQuotes` false, quotes have no
 * meaning.
 *
 * @throws `input` if a line has more than 64 MiB.
 */
export const wholeCsvLines = async (
  source: ByteSource,
  from: number,
  wanted: number,
  hasQuotes: boolean = true,
): Promise<Buffer> => {
  for (let beyond = BEYOND; ; beyond *= 4) {
    const to = Math.min(source.size, from + wanted + beyond);
    const bytes = await source.read(from, to);
    const isLast = to === source.size;
    const end = endOfLine(bytes, wanted, isLast, hasQuotes);
    if (end !== undefined) return bytes.subarray(0, end);
    if (isLast) return bytes;
    if (beyond >= LONGEST_LINE)
      throw malformed(
        source.file,
        `A line that does not end, after byte ${from},`,
        `at most ${LONGEST_LINE} bytes`,
        'more',
        hasQuotes ? 'A quote that opens there may have no end: repair it.' : 'Write one object in each line.',
      );
  }
};

/**
 * Returns the position after the first line that ends at or after `wanted`, or `undefined` if no line ends there. The
 * first byte must be outside quotes. Quotes within a quoted cell are doubled, so every quote character can be treated
 * as opening or closing.
 */
const endOfLine = (bytes: Buffer, wanted: number, isLast: boolean, hasQuotes: boolean): number | undefined => {
  // If a line ends at `wanted`, its line break is the byte before `wanted`.
  const first = Math.max(0, wanted - 1);
  for (let [at, quoted] = [0, false]; ; quoted = !quoted) {
    const quote = hasQuotes ? bytes.indexOf(QUOTE, at) : -1;
    const stop = quote < 0 ? bytes.length : quote;
    if (!quoted && stop > first) {
      const found = ending(bytes, Math.max(at, first), stop, isLast);
      if (found !== undefined) return found;
    }
    if (quote < 0) return undefined;
    at = quote + 1;
  }
};

/** Returns the position after the first line break in `[from, to)`. */
const ending = (bytes: Buffer, from: number, to: number, isLast: boolean): number | undefined => {
  for (let at = from; at < to; at++) {
    const byte = bytes[at];
    if (byte === LINE_FEED) return at + 1;
    if (byte !== RETURN) continue;
    if (bytes[at + 1] === LINE_FEED) return at + 2;
    // At the end of the buffer, the next byte of the file is unknown and may be a line feed.
    return at + 1 < bytes.length || isLast ? at + 1 : undefined;
  }
  return undefined;
};

/** Returns the number of line breaks. A line break is `\r\n`, `\n` or `\r`. */
export const countLines = (bytes: Buffer): number => {
  let lines = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === LINE_FEED || (byte === RETURN && bytes[at + 1] !== LINE_FEED)) lines++;
  }
  return lines;
};
