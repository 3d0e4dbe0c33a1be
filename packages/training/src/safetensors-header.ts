import { FlowError, type Shape } from '@impflow/core';
import { ARRAYS, type DType } from './host-tensor.ts';

/** Description of one tensor in the header of a safetensors file. */
export interface Entry {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  /** Offset of the tensor's first byte in the data section. */
  readonly begin: number;
  /** Offset after the tensor's last byte in the data section. */
  readonly end: number;
}

/** Header of a safetensors file. */
export interface Header {
  /** Tensors, in the order of their data. */
  readonly entries: readonly Entry[];
  readonly metadata: Readonly<Record<string, string>>;
  /** Offset of the data section in the file. */
  readonly dataStart: number;
}

/** Largest header that the reference implementation accepts, in bytes. Headers of real models are much smaller. */
const MAX_HEADER = 100_000_000;

/**
 * Reads and checks the header of a safetensors file. Every returned entry lies inside the file, and its size fits its
 * shape. The entries cover the data section without holes or overlaps. The sizes in the header are checked before any
 * memory is allocated.
 *
 * @throws `checkpoint` for a header with a fault. The message contains `source` and the fault.
 * @see https://huggingface.co/docs/safetensors: a file consists of 8 bytes with the header length, the header as JSON,
 * and the data.
 */
export const parseHeader = (bytes: Uint8Array, source: string): Header => {
  const fail = refusal(source);
  const length = headerLength(bytes, bytes.length, source);
  const { __metadata__: metadata = {}, ...tensors } = parseObject(bytes.subarray(8, 8 + length), fail);
  if (!isObject(metadata) || !Object.values(metadata).every((value) => typeof value === 'string'))
    throw fail('Wrong __metadata__', 'an object of strings');
  const entries = Object.entries(tensors)
    .map(([name, value]) => parseEntry(name, value, fail))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkTiling(entries, bytes.length - 8 - length, fail);
  return { entries, metadata: metadata as Record<string, string>, dataStart: 8 + length };
};

/**
 * Returns the length of the header of a safetensors file of `size` bytes, from the first bytes of the file.
 *
 * @throws `checkpoint` for a length that no header can have in a file of this size.
 */
export const headerLength = (start: Uint8Array, size: number, source: string): number => {
  const fail = refusal(source);
  if (size < 8) throw fail('Too short', 'at least 8 bytes', `${size}`);
  const length = Number(new DataView(start.buffer, start.byteOffset).getBigUint64(0, true));
  if (length === 0) throw fail('The header is empty', 'a JSON object', '0 bytes of header');
  if (length > MAX_HEADER) throw fail('The header is too long', `at most ${MAX_HEADER} bytes`, `${length}`);
  if (8 + length > size)
    throw fail(
      'The header reaches past the end',
      `a header within the ${size} bytes of the file`,
      `${length} bytes of header`,
    );
  return length;
};

type Refuse = (what: string, expected?: string, got?: string) => FlowError;

const refusal =
  (source: string): Refuse =>
  (what, expected, got) =>
    new FlowError('checkpoint', 'training/decodeSafetensors', `${source}: ${what}`, {
      ...(expected === undefined ? {} : { expected }),
      ...(got === undefined ? {} : { got }),
      hint: 'The file is damaged, or not a safetensors file.',
    });

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const parseObject = (bytes: Uint8Array, fail: Refuse): Record<string, unknown> => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw fail('The header is not JSON');
  }
  if (!isObject(parsed)) throw fail('The header is not an object', '{"name": {"dtype", "shape", "data_offsets"}}');
  return parsed;
};

/**
 * Describes a value of the header in a short string. The function does not recurse, because the value may be large or
 * deeply nested.
 */
const shown = (value: unknown): string => {
  const items = (Array.isArray(value) ? value : [value])
    .slice(0, 8)
    .map((item) =>
      typeof item === 'string' ? quoted(item) : typeof item === 'object' && item !== null ? '{…}' : String(item),
    )
    .join(', ');
  return Array.isArray(value) ? `[${items}${value.length > 8 ? ', …' : ''}]` : items;
};

/** Returns the first 100 characters of a string in quotes. Control characters of terminals are replaced. */
const quoted = (text: string): string =>
  JSON.stringify(text.slice(0, 100)).replace(/[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, '?');

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const parseEntry = (name: string, value: unknown, fail: Refuse): Entry => {
  if (!isObject(value)) throw fail(`Wrong entry of tensor ${quoted(name)}`, '{"dtype", "shape", "data_offsets"}');
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== 'string' || !Object.hasOwn(ARRAYS, dtype))
    throw fail(
      `Unknown element type of tensor ${quoted(name)}`,
      `one of ${Object.keys(ARRAYS).join(', ')}`,
      shown(dtype),
    );
  if (!Array.isArray(shape) || !shape.every(isCount))
    throw fail(`Wrong shape of tensor ${quoted(name)}`, 'an array of counts', shown(shape));
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount))
    throw fail(`Wrong data_offsets of tensor ${quoted(name)}`, '[begin, end]', shown(offsets));
  const [begin, end] = offsets as [number, number];
  if (end < begin)
    throw fail(`The offsets of tensor ${quoted(name)} are out of order`, 'begin <= end', `[${begin}, ${end}]`);
  const size = shape.reduce((product, n) => product * n, ARRAYS[dtype as DType].BYTES_PER_ELEMENT);
  if (size !== end - begin)
    throw fail(`Wrong size of tensor ${quoted(name)}`, `${size} bytes for ${dtype} ${shown(shape)}`, `${end - begin}`);
  return { name, dtype: dtype as DType, shape, begin, end };
};

const checkTiling = (entries: readonly Entry[], available: number, fail: Refuse): void => {
  let position = 0;
  for (const { name, begin, end } of entries) {
    if (begin < position)
      throw fail(`Tensor ${quoted(name)} overlaps the previous tensor`, `begin at ${position}`, `${begin}`);
    if (begin > position) throw fail(`Unused bytes before tensor ${quoted(name)}`, `begin at ${position}`, `${begin}`);
    if (end > available)
      throw fail(
        `Tensor ${quoted(name)} reaches past the end: the file is truncated`,
        `at least ${end} bytes of data`,
        `${available}`,
      );
    position = end;
  }
  if (position !== available) throw fail('Bytes after the last tensor', `${position} bytes of data`, `${available}`);
};
