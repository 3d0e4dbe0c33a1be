import { FlowError } from '@impflow/core';
import { readOffsets, readResolutions, type ColumnNumbers } from './rows-as-records.ts';

/**
 * What a checkpoint of a training run stores about the columns and the held-out rows, with defaults for missing
 * entries.
 */
export interface RunContents {
  /** Names of the columns of a flow of rows. The list is empty for every other kind of model. */
  readonly columns: readonly string[];
  /** Width of the noise on columns whose values repeat. */
  readonly dequantized: ColumnNumbers;
  /** Offsets of columns, which are subtracted from the numbers in float64. */
  readonly offsets?: ColumnNumbers;
  /**
   * Quantiles of the log-densities of the held-out rows, in equal steps and in ascending order. Undefined if the run
   * was not finished, or if the model was imported.
   */
  readonly quantiles?: readonly number[];
}

/**
 * Reads the entry `extra` of a checkpoint, which describes the columns of a flow of rows. Missing entries get defaults:
 * for example, the columns are called `x0`, `x1`, ...
 *
 * @param dim Number of columns of a flow of rows of numbers, and 0 for every other kind of model.
 * @throws `checkpoint` for names, noise, offsets or quantiles of a wrong form. The message begins with `source`.
 */
export const runContents = (extra: unknown, dim: number, source: string): RunContents => {
  const refusal = (what: string, expected: string, got: string): FlowError =>
    new FlowError('checkpoint', 'tables/runContents', `${source}: ${what}`, {
      expected,
      got,
      hint: 'Give a checkpoint that this program wrote.',
    });
  const stored = (typeof extra === 'object' && extra !== null ? extra : {}) as Readonly<Record<string, unknown>>;
  const columns = stored['columns'] ?? Array.from({ length: dim }, (_, i) => `x${i}`);
  if (!isListOf(columns, (name) => typeof name === 'string'))
    throw refusal('wrong extra.columns', 'names of columns', shown(columns));
  if (columns.length !== dim)
    throw refusal('the names of the columns do not fit the model', `${dim} names`, String(columns.length));
  const offsets = stored['offsets'] === undefined ? undefined : readOffsets(stored['offsets']);
  if (stored['offsets'] !== undefined && offsets === undefined)
    throw refusal('wrong extra.offsets', 'numbers by the names of columns', shown(stored['offsets']));
  const dequantized = readResolutions(stored['dequantized'] ?? {});
  if (dequantized === undefined)
    throw refusal('wrong extra.dequantized', 'positive numbers by the names of columns', shown(stored['dequantized']));
  const { quantiles } = stored;
  if (quantiles !== undefined && !isListOf(quantiles, (value) => typeof value === 'number' && !Number.isNaN(value)))
    throw refusal('wrong extra.quantiles', 'a list of numbers', shown(quantiles));
  return {
    columns: columns as readonly string[],
    dequantized,
    ...(offsets === undefined ? {} : { offsets }),
    ...(quantiles === undefined ? {} : { quantiles: quantiles as readonly number[] }),
  };
};

const isListOf = (value: unknown, is: (item: unknown) => boolean): value is readonly unknown[] =>
  Array.isArray(value) && value.every(is);

const shown = (value: unknown): string =>
  Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
