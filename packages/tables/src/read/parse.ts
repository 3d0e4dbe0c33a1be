import type { Table } from '../frame/table.ts';
import { checkedTable, type CheckOptions } from './check.ts';
import type { CsvOptions } from './csv-options.ts';
import { parseCsv } from './csv.ts';

/** Options of {@link parseTable}. */
export interface ParseOptions extends CheckOptions, CsvOptions {}

/**
 * Parses and checks the bytes of a CSV or TSV, as {@link readTable} does with a file. `name` stands for the path in
 * messages; if it ends in `.tsv`, the default separator is a tab.
 *
 * @throws `input` for bytes that are not text of this kind, or that hold anything but numbers; `option` if separator
 * and decimal sign are both commas.
 */
export const parseTable = (name: string, bytes: Uint8Array, options: ParseOptions = {}): Table =>
  checkedTable(parseCsv(name, bytes, options), name, options);
