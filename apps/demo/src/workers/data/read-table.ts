import { FlowError } from '@impflow/core';
import { parsePackedFrame, parseParquet, type Frame } from '@impflow/tables';
import { frameOfObjects } from 'impflow/run';
import type { TableFile } from '../../protocol/table.ts';

/** How a table is read. */
interface Reading {
  /** Smallest number of rows. */
  readonly minRows?: number;
  /** Names of the columns whose cells are kept as they are written. */
  readonly categories?: readonly string[];
}

/**
 * Reads a table: CSV, TSV, JSON lines, each also packed by gzip, a JSON array of objects, or Parquet. The extension of the
 * name selects the format.
 *
 * @throws `input` for a file of another format or without a table.
 */
export const readTable = async ({ name, bytes }: TableFile, reading: Reading = {}): Promise<Frame> => {
  const { minRows, ...options } = reading;
  const whole = { ...options, ...(minRows === undefined ? {} : { minRows }) };
  const other = OTHER.find(({ names }) => names.test(name));
  if (other !== undefined)
    throw new FlowError('input', AT, `Cannot read ${name} here`, {
      expected: 'a table: .csv, .tsv, .json, .jsonl or .parquet',
      got: other.got,
      hint: other.hint,
    });
  if (/\.parquet$/i.test(name)) return parseParquet(name, bytes, whole);
  if (!/\.json$/i.test(name)) return parsePackedFrame(name, bytes, whole);
  const frame = frameOfObjects(objectsIn(name, bytes), name, options);
  if (frame.rows >= (minRows ?? 1)) return frame;
  throw new FlowError('input', AT, `Too few rows in ${name}`, {
    expected: `at least ${minRows}`,
    got: String(frame.rows),
    hint: 'Give more rows.',
  });
};

const AT = 'demo/readTable';

/** Formats that visitors are likely to drop, and that the page cannot read. */
const OTHER: readonly { readonly names: RegExp; readonly got: string; readonly hint: string }[] = [
  {
    names: /\.(xlsx?|xlsm|ods|numbers)$/i,
    got: 'a workbook',
    hint: 'In the spreadsheet program, save the sheet as CSV (UTF-8).',
  },
  {
    names: /\.npy$/i,
    got: 'a NumPy array',
    hint: 'Save it as text: numpy.savetxt("table.csv", array, delimiter=",").',
  },
  { names: /\.(feather|arrow|sqlite3?|db|pkl|rds)$/i, got: 'a binary file', hint: 'Export the table as CSV.' },
];

const objectsIn = (name: string, bytes: Uint8Array): readonly Readonly<Record<string, never>>[] => {
  const refused = (got: string): FlowError =>
    new FlowError('input', AT, `No table in ${name}`, {
      expected: 'a JSON array of objects, such as [{"x": 1, "kind": "a"}, …]',
      got,
      hint: 'Write one object for each row, or export the table as CSV.',
    });
  let found: unknown;
  try {
    found = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw refused((error as Error).message);
  }
  if (!Array.isArray(found)) throw refused(found === null ? 'null' : `a value of type ${typeof found}`);
  if (found.length === 0) throw refused('an empty array');
  return found as readonly Readonly<Record<string, never>>[];
};
