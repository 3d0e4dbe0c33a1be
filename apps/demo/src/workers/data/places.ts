import { FlowError } from '@impflow/core';

/** Real positions. */
export interface Place {
  readonly columns: readonly [string, string];
  /** `[n, 2]`. */
  readonly rows: Float32Array;
  /** What they are, who published them, and under which licence. */
  readonly about: string;
}

/** A file beside the page that holds them, as little-endian float32 pairs. */
export interface PlaceFile extends Omit<Place, 'rows'> {
  /** Absolute. */
  readonly url: string;
  readonly count: number;
}

/** Positions from their file. @throws `input` where it is not there, or is not whole. */
export const fetchPlace = async (name: string, { url, count, columns, about }: PlaceFile): Promise<Place> => {
  const refusal = (got: string, cause?: unknown): FlowError =>
    new FlowError('input', 'demo/fetchPlace', `Cannot load the ${name}`, { expected: `${8 * count} bytes at ${url}`, got, hint: 'Look whether the page is still being served, and try again.', cause });
  const response = await fetch(url).catch((cause: unknown) => { throw refusal('no answer', cause); });
  if (!response.ok) throw refusal(`the answer ${response.status}`);
  const bytes = await response.arrayBuffer().catch((cause: unknown) => { throw refusal('a broken answer', cause); });
  if (bytes.byteLength !== 8 * count) throw refusal(`${bytes.byteLength} bytes`);
  const view = new DataView(bytes);
  return { columns, rows: Float32Array.from({ length: 2 * count }, (_, i) => view.getFloat32(4 * i, true)), about };
};
