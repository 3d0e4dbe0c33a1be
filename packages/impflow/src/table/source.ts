import type { Key } from '@impflow/core';
import type { Frame } from '@impflow/tables';

/** A table as it was read: all cells, before any decision about them. */
export interface TableSource {
  /** All rows, except validation rows and test rows that are given separately. */
  readonly frame: Frame;
  /** Rows to validate on. Default: a random tenth of the rows, but at most 4,000. More than 4,000 are not used. */
  readonly validation?: Frame | undefined;
  /** Rows of the final test. Default: a random tenth of the rows, but at most 10,000. */
  readonly test?: Frame | undefined;
}

/** A distribution of numbers to draw from, in place of a table: each step draws new training rows. */
export interface Sampler {
  /** Names of the columns. */
  readonly columns: readonly string[];
  /** Description of the distribution, for messages. */
  readonly source: string;
  /** Draws rows `[rows, columns]`. The result depends only on the arguments. */
  sample(key: Key, rows: number): Float32Array;
  /** Entropy in nats, if it is known: the least expected loss. */
  readonly entropy?: number;
}

/** Whether rows are a {@link Sampler}. A table may have a method `sample` too. */
export const isSampler = (rows: unknown): rows is Sampler => {
  const { sample, columns } = (rows ?? {}) as Partial<Sampler>;
  return typeof sample === 'function' && Array.isArray(columns);
};
