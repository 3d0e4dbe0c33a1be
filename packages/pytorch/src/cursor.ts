import { DAMAGED, refusal } from './refusal.ts';

/** Reads numbers (little-endian) and text from bytes in order, never past their end. */
export interface Cursor {
  /** Offset of the next byte. */
  readonly at: number;
  u8(): number;
  u16(): number;
  u32(): number;
  i32(): number;
  /** Reads a 64-bit length. @throws `checkpoint` for 2^53 and above. */
  u64(): number;
  /** Reads a float64 in big-endian order, the order of pickles. */
  f64(): number;
  /** Returns a view of the next `length` bytes. */
  take(length: number): Uint8Array;
  /** Reads `length` bytes of UTF-8. */
  text(length: number): string;
  /** Reads UTF-8 up to a line feed, and skips the line feed. */
  line(): string;
}

const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Makes a cursor. `what` is the name of the bytes in messages. Every method throws `checkpoint` if the bytes end too
 * early.
 */
export const cursor = (bytes: Uint8Array, what: string, start = 0): Cursor => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = start;
  const next = (length: number): number => {
    if (length > bytes.length - at)
      throw refusal(`${what} ends too early`, {
        expected: `${length} more bytes at ${at}`,
        got: `${Math.max(0, bytes.length - at)}`,
        hint: DAMAGED,
      });
    at += length;
    return at - length;
  };
  const take = (length: number): Uint8Array => {
    const from = next(length);
    return bytes.subarray(from, from + length);
  };
  const text = (length: number): string => {
    try {
      return UTF_8.decode(take(length));
    } catch (cause) {
      throw cause instanceof TypeError
        ? refusal(`${what} holds text that is not UTF-8`, { cause, hint: DAMAGED })
        : cause;
    }
  };
  return {
    get at() {
      return at;
    },
    u8: () => view.getUint8(next(1)),
    u16: () => view.getUint16(next(2), true),
    u32: () => view.getUint32(next(4), true),
    i32: () => view.getInt32(next(4), true),
    u64: () => {
      const value = Number(view.getBigUint64(next(8), true));
      if (!Number.isSafeInteger(value)) {
        throw refusal(`${what} has a wrong length`, { expected: 'less than 2^53', got: String(value), hint: DAMAGED });
      }
      return value;
    },
    f64: () => view.getFloat64(next(8), false),
    take,
    text,
    line: () => {
      const end = bytes.indexOf(10, at);
      if (end < 0)
        throw refusal(`${what} ends too early`, { expected: `a line feed after ${at}`, got: 'none', hint: DAMAGED });
      const line = text(end - at);
      at = end + 1;
      return line;
    },
  };
};
