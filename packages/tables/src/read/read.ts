import type { Table } from '../frame/table.ts';
import { checkedTable } from './check.ts';
import type { ParseOptions } from './parse.ts';
import { readRaw } from './raw-file.ts';

/** Options of {@link readTable}. `header`, `separator` and `decimal` concern CSV and TSV only. */
export type ReadOptions = ParseOptions;

/**
 * Reads the numbers of a `.csv`, `.tsv`, `.npy` or `.parquet` file and checks that they are finite, within float32, and
 * (unless allowed) not missing. For rows with texts or gaps: {@link readFrame}.
 *
 * @remarks Reads the whole file into memory. A Parquet file is read by a separate process, for at most 30 seconds plus
 * one per MiB. An error names the file, the row (in text files the line) and the column, and says what to do.
 * @throws `input` for a file that cannot be read, is not what its extension says, or holds anything but numbers;
 * `option` if separator and decimal sign are both commas.
 */
export const readTable = async (path: string, options: ReadOptions = {}): Promise<Table> =>
  checkedTable(await readRaw('tables/readTable', path, options, false), path, options);
