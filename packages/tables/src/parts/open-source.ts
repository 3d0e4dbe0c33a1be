import { openRegularFile } from '@impflow/core';
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
  const { size, read, close } = await openRegularFile(at, file);
  return {
    file,
    size,
    read: async (from, to) => {
      assertWithin(at, file, size, from, to);
      const bytes = await read(from, to);
      if (bytes.length < to - from) throw changed(at, file, size, from + bytes.length);
      return bytes;
    },
    close,
  };
};
