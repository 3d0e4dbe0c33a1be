import { FlowError } from '@impflow/core';

/** Real positions. */
export interface Place {
  readonly columns: readonly [string, string];
  /** `[n, 2]`. */
  readonly rows: Float32Array;
  /** Description, publisher and license. */
  readonly about: string;
}

/** A file next to the page with the rows, as little-endian float32 pairs. */
export interface PlaceFile extends Omit<Place, 'rows'> {
  /** Absolute URL. */
  readonly url: string;
  readonly count: number;
}

/** Reads positions from their file. @throws `input` if it is missing or incomplete. */
export const fetchPlace = async (name: string, { url, count, columns, about }: PlaceFile): Promise<Place> => {
  const refusal = (got: string, cause?: unknown): FlowError =>
    new FlowError('input', 'demo/fetchPlace', `Cannot load the ${name}`, {
      expected: `${8 * count} bytes at ${url}`,
      got,
      hint: 'Look whether the page is still being served, and try again.',
      cause,
    });
  const response = await fetch(url).catch((cause: unknown) => {
    throw refusal('no answer', cause);
  });
  if (!response.ok) throw refusal(`the answer ${response.status}`);
  const bytes = await response.arrayBuffer().catch((cause: unknown) => {
    throw refusal('a broken answer', cause);
  });
  if (bytes.byteLength !== 8 * count) throw refusal(`${bytes.byteLength} bytes`);
  const view = new DataView(bytes);
  return { columns, rows: Float32Array.from({ length: 2 * count }, (_, i) => view.getFloat32(4 * i, true)), about };
};
