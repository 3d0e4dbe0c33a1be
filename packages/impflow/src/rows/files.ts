import { FlowError, inNode } from '@impflow/core';
import {
  extensionOf,
  extensionOfType,
  parsePackedFrame,
  readableExtensions,
  type Frame,
  type FrameOptions,
} from '@impflow/tables';
import { readBytes } from '#node-files';
import { addressName } from './address.ts';
import { AT } from './wrong-rows.ts';

/** Options for reading a table file: how its text is parsed, and which columns are categories. */
export type FileOptions = Pick<FrameOptions, 'header' | 'separator' | 'decimal' | 'categories' | 'needed'>;

/**
 * Reads a table from a `File` or another `Blob`. A blob of unknown type is read as CSV. For a blob without a name,
 * `source` is its name in messages.
 */
export const frameOfBlob = async (blob: Blob, source: string, options: FileOptions): Promise<Frame> => {
  const name = 'name' in blob && typeof blob.name === 'string' ? blob.name : source;
  const bytes = new Uint8Array(await blob.arrayBuffer());
  return decoded({ name, bytes, extension: extensionBy(name, blob.type) ?? '.csv' }, options);
};

/**
 * Fetches a table file. The format follows from the file extension. If the extension is unknown, the content type
 * decides.
 *
 * @param signal Signal that ends the transfer when it is aborted.
 * @throws `input` if no server sends the file, or if the file is not a table; the reason of an aborted `signal`.
 */
export const frameOfAddress = async (address: URL, options: FileOptions, signal?: AbortSignal): Promise<Frame> => {
  const name = addressName(address);
  const { bytes, type } = await fetched(address, name, signal);
  const extension = extensionBy(address.pathname, type);
  if (type !== 'text/html' && extension !== undefined) return decoded({ name, bytes, extension }, options);
  throw new FlowError('input', AT, `Unknown kind of file at ${name}`, {
    expected: `an address that ends in one of ${readableExtensions.join(', ')}`,
    got: type === 'text/html' ? 'a web page' : type === '' ? 'no content type' : `the content type "${type}"`,
    hint: type === 'text/html' ? 'Give the address of the file itself.' : 'Download it, and give its path.',
  });
};

const extensionBy = (name: string, type: string): string | undefined => {
  const own = extensionOf(name);
  return readableExtensions.includes(own) ? own : extensionOfType(essence(type));
};

/** Returns a content type without its parameters. */
const essence = (type: string): string => type.split(';')[0]!.trim().toLowerCase();

interface Given {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly extension: string;
}

const decoded = async ({ name, bytes, extension }: Given, options: FileOptions): Promise<Frame> => {
  // A name without an extension is the name of a CSV.
  const named = extension === '.csv' || extensionOf(name) === extension ? name : `${name}${extension}`;
  return BINARY.includes(extension) ? readBytes(named, bytes, options) : parsePackedFrame(named, bytes, options);
};

/** Extensions of files that a web page cannot read. */
const BINARY = ['.npy', '.parquet'];

const fetched = async (
  address: URL,
  name: string,
  signal: AbortSignal | undefined,
): Promise<{ readonly bytes: Uint8Array; readonly type: string }> => {
  try {
    const answer = await fetch(address, signal === undefined ? {} : { signal });
    if (answer.ok)
      return {
        bytes: new Uint8Array(await answer.arrayBuffer()),
        type: essence(answer.headers.get('content-type') ?? ''),
      };
    throw unread(name, 'a file', `status ${answer.status}`, 'Check the address and your rights.');
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof FlowError) throw error;
    const { message, cause } = error as Error;
    const got = (cause as NodeJS.ErrnoException | undefined)?.code ?? message;
    const hint = inNode()
      ? 'Check the address and the network.'
      : 'Check the address, the network, and whether the server allows pages of other sites to read the file (CORS).';
    throw unread(name, 'a response of the server', got, hint, error);
  }
};

const unread = (name: string, expected: string, got: string, hint: string, cause?: unknown): FlowError =>
  new FlowError('input', AT, `Cannot read ${name}`, { expected, got, hint, cause });
