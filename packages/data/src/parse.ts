import { checkedTable, type CheckOptions } from './readers/check.ts';
import { parseCsv, type CsvOptions } from './readers/csv.ts';
import type { Table } from './table.ts';

export interface ParseOptions extends CheckOptions, CsvOptions {}

/**
 * The numbers of comma, semicolon or tab separated text, checked: what {@link readTable} makes of a `.csv` or `.tsv` file of these
 * bytes. `name` stands for the path in messages; where it ends in `.tsv`, cells stand between tabs.
 *
 * @throws `input` for bytes that are no such text, or that hold anything but numbers.
 */
export const parseTable = (name: string, bytes: Uint8Array, options: ParseOptions = {}): Table => checkedTable(parseCsv(name, bytes, options), name, options);
