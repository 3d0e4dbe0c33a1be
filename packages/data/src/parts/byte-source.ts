import { open } from 'node:fs/promises';
import { FlowError } from '@impflow/core';
import { unreadable } from '../readers/file.ts';

/** A file whose bytes are read by ranges. */
export interface ByteSource {
  /** Path or URL, for messages. */
  readonly file: string;
  /** Size in bytes. */
  readonly size: number;
  /**
   * Reads the bytes `[from, to)`. The buffer is not shared.
   *
   * @throws `input` if they cannot be read, or the file has changed its size.
   */
  read(from: number, to: number): Promise<Buffer>;
  /** Closes the file. */
  close(): Promise<void>;
}

/** Whether a file is read over the network. */
export const isUrl = (file: string): boolean => /^https?:\/\//i.test(file);

/**
 * Opens a file or a URL. `size` is the size that it must have; for a URL, it saves a request. `at` is the function that
 * errors name.
 *
 * @throws `input` if it cannot be read, has another size, or its server does not send ranges.
 */
export const openSource = async (at: string, file: string, size?: number): Promise<ByteSource> => {
  const source = await (isUrl(file) ? openUrl(at, file, size) : openFile(at, file));
  if (size === undefined || source.size === size) return source;
  await source.close();
  throw changed(at, file, size, source.size);
};

/** The error for a file that is not the one whose parts were found. */
export const changed = (at: string, file: string, expected: number | string, got: number | string): FlowError => {
  const shownSize = (size: number | string): string => (typeof size === 'number' ? `${size} bytes` : size);
  return new FlowError('input', at, `${file} has changed since its parts were found`, {
    expected: shownSize(expected),
    got: shownSize(got),
    hint: 'Find its parts again, and leave the file alone until they are read.',
  });
};

/** The bytes `[from, to)` of a file in a damaged state may be more than fit. */
const MOST_BYTES = 2 ** 31 - 1;

const assertWithin = (at: string, file: string, size: number, from: number, to: number): void => {
  if (from >= 0 && from <= to && to <= size && to - from <= MOST_BYTES) return;
  throw new FlowError('input', at, `A part outside ${file}`, {
    expected: `bytes within ${size}, at most ${MOST_BYTES} at once`,
    got: `${from} to ${to}`,
    hint: 'The file is damaged: write it again.',
  });
};

const openFile = async (at: string, file: string): Promise<ByteSource> => {
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

const openUrl = async (at: string, url: string, known: number | undefined): Promise<ByteSource> => {
  const size = known ?? (await requested(at, url, 0, 1)).size;
  return {
    file: url,
    size,
    read: async (from, to) => {
      assertWithin(at, url, size, from, to);
      if (from === to) return Buffer.alloc(0);
      const answer = await requested(at, url, from, to);
      if (answer.size !== size) throw changed(at, url, size, answer.size);
      if (answer.bytes.length !== to - from)
        throw refused(at, url, `${to - from} bytes`, `${answer.bytes.length}`, 'Try again.');
      return answer.bytes;
    },
    close: () => Promise.resolve(),
  };
};

/** The bytes `[from, to)` of a URL, and the size of the whole. */
const requested = async (
  at: string,
  url: string,
  from: number,
  to: number,
): Promise<{ readonly bytes: Buffer; readonly size: number }> => {
  const given = new AbortController();
  try {
    const answer = await fetch(url, {
      headers: { range: `bytes=${from}-${to - 1}`, 'accept-encoding': 'identity' },
      signal: given.signal,
    });
    const size = Number(/\/(\d+)$/.exec(answer.headers.get('content-range') ?? '')?.[1]);
    // An empty file has no range.
    if (answer.status === 416 && size === 0) return { bytes: Buffer.alloc(0), size };
    if (answer.status === 416 && size > 0) throw changed(at, url, `at least ${to} bytes`, size);
    if (answer.status === 200 || (answer.status === 206 && Number.isNaN(size)))
      throw refused(
        at,
        url,
        'a server that sends ranges of bytes',
        answer.status === 200 ? 'the whole file for a request of a range' : 'no size of the whole file',
        'Use another server, or download the file.',
      );
    if (answer.status !== 206)
      throw refused(at, url, 'status 206', `status ${answer.status}`, 'Check the address and your rights.');
    return { bytes: Buffer.from(await answer.arrayBuffer()), size };
  } catch (error) {
    if (error instanceof FlowError) throw error;
    const { message, cause } = error as Error;
    const got = (cause as NodeJS.ErrnoException | undefined)?.code ?? message;
    throw refused(at, url, 'an answer of its server', got, 'Check the address and the network.', error);
  } finally {
    // The rest of an answer that is not wanted.
    given.abort();
  }
};

const refused = (at: string, url: string, expected: string, got: string, hint: string, cause?: unknown): FlowError =>
  new FlowError('input', at, `Cannot read ${url}`, { expected, got, hint, cause });
