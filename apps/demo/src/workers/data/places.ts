import { FlowError } from '@impflow/core';

/** A bundled data set of geographic positions. */
export interface Place {
  readonly columns: readonly [string, string];
  /** The positions, `[n, 2]`. */
  readonly rows: Float32Array;
  /** Borders of land, `[m, 2]`; a pair of NaN ends each line. */
  readonly outline?: Float32Array;
  /** Description of the data, with publisher and license. */
  readonly about: string;
}

/**
 * A data file of the page, which contains little-endian float32 pairs: first the rows, then the points of the border
 * lines.
 */
export interface PlaceFile extends Omit<Place, 'rows' | 'outline'> {
  /** Absolute URL. */
  readonly url: string;
  readonly count: number;
  /** Number of float32 pairs of the border lines. */
  readonly outlined: number;
}

/** Loads the file of a bundled geographic data set. @throws `input` if the file is missing or incomplete. */
export const fetchPlace = async (name: string, { url, count, outlined, columns, about }: PlaceFile): Promise<Place> => {
  const refusal = (got: string, cause?: unknown): FlowError =>
    new FlowError('input', 'demo/fetchPlace', `Cannot load the ${name}`, {
      expected: `${8 * (count + outlined)} bytes at ${url}`,
      got,
      hint: 'Check that the server of the page is still running, and try again.',
      cause,
    });
  const response = await fetch(url).catch((cause: unknown) => {
    throw refusal('no answer', cause);
  });
  if (!response.ok) throw refusal(`the answer ${response.status}`);
  const bytes = await response.arrayBuffer().catch((cause: unknown) => {
    throw refusal('a broken answer', cause);
  });
  if (bytes.byteLength !== 8 * (count + outlined)) throw refusal(`${bytes.byteLength} bytes`);
  const view = new DataView(bytes);
  const pairs = (first: number, length: number): Float32Array =>
    Float32Array.from({ length: 2 * length }, (_, i) => view.getFloat32(8 * first + 4 * i, true));
  return { columns, rows: pairs(0, count), ...(outlined === 0 ? {} : { outline: pairs(count, outlined) }), about };
};
