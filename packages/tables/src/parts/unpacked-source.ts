import type { Gunzip } from 'node:zlib';
import { damagedGzip, isGzip } from '../read/gunzip.ts';
import type { ByteSource } from './byte-source.ts';

/** Number of packed bytes that are read in one call. They unpack to at most 64 MiB. */
const PACKED_BYTES = 2 ** 16;

/**
 * Returns the text in a file that is packed by gzip. The bytes of a file that is not packed are returned unchanged.
 * Only as many bytes are in memory as one call reads. The caller closes `packed`.
 *
 * @param size Number of unpacked bytes that will be read. Default: all bytes; they are counted by unpacking the file.
 * @remarks Gzip can only be unpacked from the beginning. A call continues where the previous call for the same file
 * ended, so reading all parts of a file in order unpacks the file once. Reading an earlier part begins again.
 * @throws `input` for a damaged file, also while it is read.
 */
export const unpackedSource = async (packed: ByteSource, size?: number): Promise<ByteSource> => {
  if (!isGzip(await packed.read(0, Math.min(packed.size, 2)))) return packed;
  const { file } = packed;
  return {
    file,
    size: size ?? (await unpackedSize(packed)),
    read: async (from, to) => {
      // While the unpacker is in use, no other call can take it.
      const unpacker = paused?.isFor(packed, from) === true ? paused : unpackerOf(packed);
      paused = undefined;
      const bytes = await unpacker.read(packed, from, to);
      paused = unpacker;
      return bytes;
    },
    close: () => Promise.resolve(),
  };
};

/** The unpacker that was used last in this process. It holds no open file, and no more memory than its last result. */
let paused: Unpacker | undefined;

/** Unpacks a file from the beginning to the end. */
interface Unpacker {
  /** Whether the bytes of a file from `from` on can be read without unpacking the file from its beginning. */
  isFor(packed: ByteSource, from: number): boolean;
  /** Reads the unpacked bytes `[from, to)`. Fewer bytes are returned at the end of the file. */
  read(packed: ByteSource, from: number, to: number): Promise<Buffer>;
}

const unpackerOf = ({ file, size }: ByteSource): Unpacker => {
  const gunzip = process.getBuiltinModule('node:zlib').createGunzip();
  let blocks: Buffer[] = [];
  // The blocks are the unpacked bytes `[start, end)`. The next packed byte is `next`.
  const at = { start: 0, end: 0, next: 0 };
  let failure: unknown;
  gunzip.on('error', (error) => {
    failure = error;
  });
  gunzip.on('data', (block: Buffer) => {
    blocks.push(block);
    at.end += block.length;
  });
  const dropBefore = (from: number): void => {
    let dropped = 0;
    while (dropped < blocks.length && at.start + blocks[dropped]!.length <= from) at.start += blocks[dropped++]!.length;
    if (dropped > 0) blocks = blocks.slice(dropped);
  };
  return {
    isFor: (packed, from) => packed.file === file && packed.size === size && from >= at.start,
    read: async (packed, from, to) => {
      for (dropBefore(from); at.end < to && at.next <= size; dropBefore(from)) {
        const isEnd = at.next === size;
        const bytes = isEnd ? undefined : await packed.read(at.next, Math.min(size, at.next + PACKED_BYTES));
        at.next += bytes?.length ?? 1;
        await fed(gunzip, bytes);
        if (failure !== undefined) throw damagedGzip(file, failure);
      }
      return Buffer.concat(blocks, Math.min(to, at.end) - at.start).subarray(from - at.start);
    },
  };
};

/** Passes packed bytes to an unpacker, or the end of the file. Waits until all bytes are unpacked, or until an error. */
const fed = (gunzip: Gunzip, bytes: Buffer | undefined): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      gunzip.off('close', done);
      resolve();
    };
    // After an error, the stream closes and does not call the function that `write` gets.
    gunzip.once('close', done);
    if (bytes === undefined) gunzip.end();
    else gunzip.write(bytes, done);
  });

const unpackedSize = async (packed: ByteSource): Promise<number> => {
  const unpacker = unpackerOf(packed);
  for (let from = 0; ;) {
    const { length } = await unpacker.read(packed, from, from + 2 ** 20);
    if (length === 0) return from;
    from += length;
  }
};
