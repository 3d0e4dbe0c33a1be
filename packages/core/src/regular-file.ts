import type { Stats } from 'node:fs';
import { FlowError } from './errors.ts';
import { assertNode } from './platform.ts';

/** A regular file that is open for reading. */
export interface RegularFile {
  /** Size of the file in bytes when it was opened. */
  readonly size: number;
  /**
   * Reads the bytes `[from, to)`. The result is shorter if the file ends before `to`. The caller owns the result.
   *
   * @throws `input` if the bytes cannot be read.
   */
  read(from: number, to: number): Promise<Buffer>;
  /** Closes the file. */
  close(): Promise<void>;
}

/**
 * Opens a regular file for reading (Node). Links are followed. A folder, a pipe, a socket or a device is refused, and
 * is not opened: such a file may never end, or never begin. `at` is the function that the messages name, and `expected`
 * is what the path should lead to.
 *
 * @throws `input` for anything other than a regular file that can be read; `unsupported` in a browser.
 */
export const openRegularFile = async (at: string, path: string, expected = 'a file'): Promise<RegularFile> => {
  assertNode(at, 'Give the bytes of the file instead.');
  const { constants, promises } = process.getBuiltinModule('node:fs');
  const failed = (error: unknown): never => {
    throw unreadable(at, path, error, expected);
  };
  assertRegular(at, path, await promises.stat(path).catch(failed), expected);
  // Another program may replace the file by a pipe after the check above. With this flag, opening a pipe does not wait
  // for a writer. Windows has no such flag.
  const handle = await promises.open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch(failed);
  try {
    const stats = await handle.stat().catch(failed);
    assertRegular(at, path, stats, expected);
    return {
      size: stats.size,
      read: async (from, to) => {
        const bytes = Buffer.allocUnsafeSlow(to - from);
        for (let done = 0; done < bytes.length;) {
          const { bytesRead } = await handle.read(bytes, done, bytes.length - done, from + done).catch(failed);
          if (bytesRead === 0) return bytes.subarray(0, done);
          done += bytesRead;
        }
        return bytes;
      },
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
};

const assertRegular = (at: string, path: string, stats: Stats, expected: string): void => {
  if (stats.isFile()) return;
  throw unreadable(at, path, { code: stats.isDirectory() ? 'EISDIR' : kindOf(stats) }, expected);
};

const kindOf = (stats: Stats): string => (stats.isFIFO() ? 'FIFO' : stats.isSocket() ? 'SOCKET' : 'DEVICE');

/** Returns the error for a path that could not be read; `expected` is what should be there, such as `a file`. */
export const unreadable = (at: string, path: string, error: unknown, expected: string): FlowError => {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
  const [got, hint] = UNREADABLE[code] ?? [code, 'Check the path and the disk.'];
  return new FlowError('input', at, `Cannot read ${path}`, { expected, got, hint, cause: error });
};

const COPY = 'Write the data to a regular file, and give that file.';

const UNREADABLE: Readonly<Record<string, readonly [got: string, hint: string]>> = {
  ENOENT: ['nothing at that path', 'Check the path.'],
  ENOTDIR: ['nothing at that path', 'Check the path.'],
  EISDIR: ['a folder', 'Name a file in it.'],
  EACCES: ['no permission', 'Allow reading it.'],
  EPERM: ['no permission', 'Allow reading it.'],
  ELOOP: ['links that lead to each other', 'Replace the link by the file.'],
  ENAMETOOLONG: ['a name that is too long for the disk', 'Check the path.'],
  FIFO: ['a pipe (FIFO)', COPY],
  SOCKET: ['a socket', COPY],
  ENXIO: ['a socket', COPY],
  DEVICE: ['a device', COPY],
};
