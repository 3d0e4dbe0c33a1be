import { assertNode, unreadable } from '@impflow/core';
import { assertWithin, changed, type ByteSource } from './byte-source.ts';
import { isUrl, openUrl } from './url-source.ts';

/**
 * Opens a file or a URL for reading ranges of bytes. `size` is the size in bytes that the file must have. If `size` is
 * given, opening a URL sends no request. `at` is the name of the calling function, for error messages.
 *
 * @throws `input` if the file cannot be read, if its size is not `size`, or if the server does not send ranges of
 * bytes.
 */
export const openSource = async (at: string, file: string, size?: number): Promise<ByteSource> => {
  const source = await (isUrl(file) ? openUrl(at, file, size) : openFile(at, file));
  if (size === undefined || source.size === size) return source;
  await source.close();
  throw changed(at, file, size, source.size);
};

const openFile = async (at: string, file: string): Promise<ByteSource> => {
  assertNode(at, 'Give the bytes of the file instead.');
  const { open } = process.getBuiltinModule('node:fs/promises');
  const handle = await open(file).catch((error: unknown) => {
    throw unreadable(at, file, error, 'a file');
  });
  const stats = await handle.stat();
  if (!stats.isFile()) {
    await handle.close();
    throw unreadable(at, file, { code: stats.isDirectory() ? 'EISDIR' : 'no file' }, 'a file');
  }
  const { size } = stats;
  return {
    file,
    size,
    read: async (from, to) => {
      assertWithin(at, file, size, from, to);
      const bytes = Buffer.allocUnsafeSlow(to - from);
      for (let done = 0; done < bytes.length;) {
        const { bytesRead } = await handle.read(bytes, done, bytes.length - done, from + done).catch((error) => {
          throw unreadable(at, file, error, `the bytes from ${from + done} on`);
        });
        if (bytesRead === 0) throw changed(at, file, size, from + done);
        done += bytesRead;
      }
      return bytes;
    },
    close: () => handle.close(),
  };
};
