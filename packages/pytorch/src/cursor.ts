import { DAMAGED, refusal } from './refusal.ts';

/** Reads little-endian numbers and text off bytes, one after the other, never past their end. */
export interface Cursor {
  readonly at: number;
  u8(): number;
  u16(): number;
  u32(): number;
  i32(): number;
  /** As a number. @throws `checkpoint` beyond 2^53. */
  u64(): number;
  /** Big-endian, as pickles hold them. */
  f64(): number;
  /** A view of the next bytes. */
  take(length: number): Uint8Array;
  text(length: number): string;
  /** Up to a line feed, without it. */
  line(): string;
}

const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** `what` names the bytes in errors. @throws `checkpoint` where they end too early, from every method. */
export const cursor = (bytes: Uint8Array, what: string, start = 0): Cursor => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = start;
  const next = (length: number): number => {
    if (length > bytes.length - at) throw refusal(`${what} ends too early`, { expected: `${length} more bytes at ${at}`, got: `${Math.max(0, bytes.length - at)}`, hint: DAMAGED });
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
      throw cause instanceof TypeError ? refusal(`${what} holds text that is not UTF-8`, { cause, hint: DAMAGED }) : cause;
    }
  };
  return {
    get at() { return at; },
    u8: () => view.getUint8(next(1)),
    u16: () => view.getUint16(next(2), true),
    u32: () => view.getUint32(next(4), true),
    i32: () => view.getInt32(next(4), true),
    u64: () => {
      const value = Number(view.getBigUint64(next(8), true));
      if (!Number.isSafeInteger(value)) throw refusal(`${what} holds a length that no file has`, { got: String(value), hint: DAMAGED });
      return value;
    },
    f64: () => view.getFloat64(next(8), false),
    take, text,
    line: () => {
      const end = bytes.indexOf(10, at);
      if (end < 0) throw refusal(`${what} ends too early`, { expected: `a line feed after ${at}`, got: 'none', hint: DAMAGED });
      const line = text(end - at);
      at = end + 1;
      return line;
    },
  };
};
