import { inflateSync } from 'fflate';
import { cursor } from './cursor.ts';
import { DAMAGED, quoted, refusal } from './refusal.ts';

/** Files of a zip archive. */
export interface Archive {
  /** Names of the files, in the order of the archive's directory. */
  readonly names: readonly string[];
  /**
   * Returns the bytes of a file: a view if the file is stored without compression, as PyTorch does, or a new array if
   * it is compressed.
   *
   * @throws `checkpoint` for an unknown name, or for bytes whose checksum differs.
   */
  read(name: string): Uint8Array;
}

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly checksum: number;
  readonly packed: number;
  readonly size: number;
  readonly begin: number;
  readonly end: number;
}

const [DIRECTORY_END, DIRECTORY_END_64, LOCATOR_64, CENTRAL, LOCAL] = [
  0x06054b50, 0x06064b50, 0x07064b50, 0x02014b50, 0x04034b50,
];
const [FULL_16, FULL_32] = [0xffff, 0xffffffff];

/**
 * Opens a zip archive, with 32-bit or 64-bit sizes. The function checks that every file lies inside the archive, that
 * no two files overlap, and that all files together unpack to at most `maxBytes`. The function does not allocate memory
 * for sizes that only a header declares.
 *
 * @throws `checkpoint` for bytes that are not a zip archive with these properties.
 * @see PKWARE, APPNOTE.TXT, ZIP File Format Specification, sections 4.3 and 4.5.3.
 */
export const openZip = (bytes: Uint8Array, maxBytes: number): Archive => {
  const { count, directory, end } = directoryOf(bytes);
  const entries = new Map<string, Entry>();
  const central = cursor(bytes.subarray(0, end), 'The directory of the archive', directory);
  for (let i = 0; i < count; i++) {
    if (central.u32() !== CENTRAL)
      throw refusal('The directory of the archive is damaged', {
        expected: `${count} entries`,
        got: String(i),
        hint: DAMAGED,
      });
    const entry = locate(bytes.subarray(0, directory), centralEntry(central));
    if (entries.has(entry.name)) throw refusal(`The archive has two files ${quoted(entry.name)}`, { hint: DAMAGED });
    entries.set(entry.name, entry);
  }
  assertApart([...entries.values()], maxBytes);
  return {
    names: [...entries.keys()],
    read: (name) => {
      const entry = entries.get(name);
      if (entry === undefined) throw refusal(`The archive has no file ${quoted(name)}`, { hint: DAMAGED });
      return unpack(bytes, entry);
    },
  };
};

/** Returns the first byte, the end and the number of entries of the directory. */
const directoryOf = (
  bytes: Uint8Array,
): { readonly count: number; readonly directory: number; readonly end: number } => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = bytes.length - 22;
  // A comment of up to 64 KiB may follow the end record of the directory.
  while (
    at >= 0 &&
    at >= bytes.length - 22 - FULL_16 &&
    !(view.getUint32(at, true) === DIRECTORY_END && view.getUint16(at + 20, true) === bytes.length - at - 22)
  )
    at--;
  if (at < 0 || at < bytes.length - 22 - FULL_16)
    throw refusal('The archive ends too early', { expected: 'a directory at its end', got: 'none', hint: DAMAGED });
  const [count, directory] = [view.getUint16(at + 10, true), view.getUint32(at + 16, true)];
  if (count !== FULL_16 && directory !== FULL_32) return { count, directory, end: at };
  const locator = cursor(bytes.subarray(0, at), 'The end of the archive', Math.max(0, at - 20));
  if (locator.u32() !== LOCATOR_64) throw refusal('The end of the archive is damaged', { hint: DAMAGED });
  locator.u32();
  const end = locator.u64();
  const wide = cursor(bytes.subarray(0, at), 'The end of the archive', end);
  if (wide.u32() !== DIRECTORY_END_64) throw refusal('The end of the archive is damaged', { hint: DAMAGED });
  wide.take(28);
  const [count64] = [wide.u64(), wide.u64()];
  return { count: count64, directory: wide.u64(), end };
};

/** Reads an entry of the directory, after its signature. */
const centralEntry = (from: ReturnType<typeof cursor>): Omit<Entry, 'begin' | 'end'> & { readonly offset: number } => {
  from.take(4);
  const [flags, method] = [from.u16(), from.u16()];
  from.take(4);
  const [checksum, packed, size] = [from.u32(), from.u32(), from.u32()];
  const [nameLength, extraLength, commentLength] = [from.u16(), from.u16(), from.u16()];
  from.take(8);
  const offset = from.u32();
  const name = from.text(nameLength);
  const extra = cursor(from.take(extraLength), 'The directory of the archive');
  from.take(commentLength);
  if ((flags & 1) !== 0) throw refusal(`The archive is encrypted: ${quoted(name)}`, { hint: 'Decrypt it first.' });
  if (![size, packed, offset].includes(FULL_32)) return { name, method, checksum, packed, size, offset };
  while (extra.at + 4 <= extraLength) {
    const [id, length] = [extra.u16(), extra.u16()];
    if (id !== 1) {
      extra.take(length);
      continue;
    }
    // The field contains a 64-bit value for each of these numbers whose 32-bit value is 0xffffffff, in this order.
    const [wideSize, widePacked, wideOffset] = [size, packed, offset].map((value) =>
      value === FULL_32 ? extra.u64() : value,
    ) as [number, number, number];
    return { name, method, checksum, packed: widePacked, size: wideSize, offset: wideOffset };
  }
  throw refusal(`The sizes of ${quoted(name)} are missing`, { hint: DAMAGED });
};

/** Finds the bytes of an entry by the header that precedes them. */
const locate = (
  files: Uint8Array,
  { offset, ...entry }: Omit<Entry, 'begin' | 'end'> & { readonly offset: number },
): Entry => {
  const local = cursor(files, `The file ${quoted(entry.name)} of the archive`, offset);
  const signature = local.u32();
  local.take(22);
  const [nameLength, extraLength] = [local.u16(), local.u16()];
  if (signature !== LOCAL || local.text(nameLength) !== entry.name)
    throw refusal(`The header of ${quoted(entry.name)} does not fit the directory`, { hint: DAMAGED });
  local.take(extraLength);
  const begin = local.at;
  local.take(entry.packed);
  return { ...entry, begin, end: begin + entry.packed };
};

/**
 * Throws if files overlap, or if all files together are too large. Small archives with overlapping files can unpack to
 * petabytes.
 */
const assertApart = (entries: readonly Entry[], maxBytes: number): void => {
  let [position, total] = [0, 0];
  for (const { name, begin, end, size } of entries.toSorted((a, b) => a.begin - b.begin)) {
    if (begin < position) throw refusal(`The file ${quoted(name)} overlaps another`, { hint: DAMAGED });
    position = end;
    total += size;
  }
  if (total > maxBytes)
    throw refusal('The archive unpacks to too much', {
      expected: `at most ${maxBytes} bytes`,
      got: String(total),
      hint: 'Write it with torch.save, which does not compress.',
    });
};

const unpack = (bytes: Uint8Array, { name, method, checksum, packed, size, begin, end }: Entry): Uint8Array => {
  const stored = bytes.subarray(begin, end);
  if (method !== 0 && method !== 8)
    throw refusal(`Unknown compression of ${quoted(name)}`, {
      expected: 'none, or deflate',
      got: `method ${method}`,
      hint: 'Write it with torch.save, which does not compress.',
    });
  if (method === 0 && packed !== size)
    throw refusal(`Two different sizes of ${quoted(name)}`, {
      expected: String(size),
      got: String(packed),
      hint: DAMAGED,
    });
  const file = method === 0 ? stored : inflated(stored, size, name);
  if (crc32(file) !== checksum)
    throw refusal(`The bytes of ${quoted(name)} do not fit their checksum`, { hint: DAMAGED });
  return file;
};

const inflated = (packed: Uint8Array, size: number, name: string): Uint8Array => {
  try {
    const file = inflateSync(packed, { out: new Uint8Array(size) });
    if (file.length === size) return file;
  } catch (cause) {
    throw refusal(`Cannot unpack ${quoted(name)}`, { cause, hint: DAMAGED });
  }
  throw refusal(`Cannot unpack ${quoted(name)}`, { expected: `${size} bytes`, got: 'others', hint: DAMAGED });
};

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let c = byte;
  for (let bit = 0; bit < 8; bit++) c = (c & 1) === 0 ? c >>> 1 : 0xedb88320 ^ (c >>> 1);
  return c;
});

/** Returns the checksum of zip archives: CRC-32 with the reversed polynomial 0xedb88320. */
const crc32 = (bytes: Uint8Array): number => {
  let c = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) c = CRC_TABLE[(c ^ bytes[i]!) & 255]! ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
};
