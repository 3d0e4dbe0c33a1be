import { FlowError } from '@impflow/core';
import { assertWithin, changed, type ByteSource } from './byte-source.ts';

/** Whether a file name is a URL, so that the file is read over the network. */
export const isUrl = (file: string): boolean => /^https?:\/\//i.test(file);

/** Returns the path of a file, or a URL without its query and fragment, by whose extension its format is known. */
export const pathOf = (file: string): string => (isUrl(file) ? file.replace(/[?#].*$/s, '') : file);

/**
 * Opens a URL for reading ranges of bytes. If the size of the file is given as `known`, no request is sent.
 *
 * @throws `input` if the URL cannot be read, or if its server does not send ranges of bytes.
 */
export const openUrl = async (at: string, url: string, known: number | undefined): Promise<ByteSource> => {
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

interface Answer {
  readonly bytes: Buffer;
  /** Size of the whole file in bytes. */
  readonly size: number;
}

/**
 * Delays before a failed request is sent again, in milliseconds. A connection or a server may fail for a short time
 * only.
 */
const WAITS = [200, 1000];
/** HTTP statuses after which a request is sent again: too many requests, and errors of the server or of a gateway. */
const PASSING = [429, 500, 502, 503, 504];

/** Requests the bytes `[from, to)` of a URL, and repeats the request if it fails for a short time. */
const requested = async (at: string, url: string, from: number, to: number): Promise<Answer> => {
  for (let tries = 0; ; tries++) {
    const wait = WAITS[tries];
    const answer = await answered(url, from, to).catch((error: unknown) => {
      if (error instanceof FlowError || wait === undefined)
        throw error instanceof FlowError ? error : lost(at, url, error);
      return undefined;
    });
    if (answer !== undefined && !(PASSING.includes(answer.status) && wait !== undefined))
      return accepted(at, url, to, answer);
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
};

/** Returns the error for a URL whose server does not respond. */
const lost = (at: string, url: string, error: unknown): FlowError => {
  const { message, cause } = error as Error;
  const got = (cause as NodeJS.ErrnoException | undefined)?.code ?? message;
  return refused(at, url, 'an answer of its server', got, 'Check the address and the network.', error);
};

const answered = async (url: string, from: number, to: number): Promise<Answer & { readonly status: number }> => {
  const given = new AbortController();
  try {
    const answer = await fetch(url, {
      headers: { range: `bytes=${from}-${to - 1}`, 'accept-encoding': 'identity' },
      signal: given.signal,
    });
    const { status } = answer;
    const size = Number(/\/(\d+)$/.exec(answer.headers.get('content-range') ?? '')?.[1]);
    return { status, size, bytes: status === 206 ? Buffer.from(await answer.arrayBuffer()) : Buffer.alloc(0) };
  } finally {
    // If the status shows that the response is not needed, this call cancels the rest of the response.
    given.abort();
  }
};

const accepted = (at: string, url: string, to: number, answer: Answer & { readonly status: number }): Answer => {
  const { status, size } = answer;
  // For an empty file, every range of bytes is invalid, so the server responds with status 416.
  if (status === 416 && size === 0) return answer;
  if (status === 416 && size > 0) throw changed(at, url, `at least ${to} bytes`, size);
  if (status === 200 || (status === 206 && Number.isNaN(size)))
    throw refused(
      at,
      url,
      'a server that sends ranges of bytes',
      status === 200 ? 'the whole file for a request of a range' : 'no size of the whole file',
      'Use another server, or download the file.',
    );
  if (status !== 206) throw refused(at, url, 'status 206', `status ${status}`, 'Check the address and your rights.');
  return answer;
};

const refused = (at: string, url: string, expected: string, got: string, hint: string, cause?: unknown): FlowError =>
  new FlowError('input', at, `Cannot read ${url}`, { expected, got, hint, cause });
