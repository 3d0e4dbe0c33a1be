import type { Key } from '@impflow/core';
import type { Frame } from '@impflow/tables';

/** A table as it was read, before columns are selected and rows are split. */
export interface TableSource {
  /** All rows, except validation rows and test rows that are given separately. */
  readonly frame: Frame;
  /**
   * Validation rows. Default: a random tenth of the rows, but at most 4,000. At most 4,000 of the given rows are used.
   */
  readonly validation?: Frame | undefined;
  /** Test rows for the final evaluation. Default: a random tenth of the rows, but at most 10,000. */
  readonly test?: Frame | undefined;
}

/**
 * A distribution from which the rows of a training are drawn, in place of a table. Each training step draws new rows.
 */
export interface Sampler {
  /** Names of the columns. */
  readonly columns: readonly string[];
  /** Description of the distribution, for messages. */
  readonly source: string;
  /** Draws rows `[rows, columns]`. The result depends only on the arguments. */
  sample(key: Key, rows: number): Float32Array;
  /** Entropy of the distribution in nats, if it is known. The expected loss of a model is never below the entropy. */
  readonly entropy?: number;
}

/**
 * Returns whether the argument is a {@link Sampler}. The method `sample` alone is not sufficient, because table objects
 * of other libraries may have a method of this name.
 */
export const isSampler = (rows: unknown): rows is Sampler => {
  const { sample, columns } = (rows ?? {}) as Partial<Sampler>;
  return typeof sample === 'function' && Array.isArray(columns);
};
