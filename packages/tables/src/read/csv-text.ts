import { FlowError } from '@impflow/core';
import { parse } from '#csv-parse';
import type { Decimal } from '../frame/simple-number.ts';
import { fittingRecords, type TakeRecord } from './csv-records.ts';
import type { Separator } from './options.ts';
import { assertNotEmpty, malformed } from './raw.ts';

/** Length of the longest string of V8, in UTF-16 units. Decoded text has at most one unit per byte. */
const MOST_BYTES = 2 ** 29 - 24;

/**
 * Decodes text in UTF-8, with or without a byte order mark. `name` is the name of the text in messages.
 *
 * @throws `input` for no bytes, binary data, another encoding (with the line), or more text than a string can hold.
 */
export const textOf = (name: string, bytes: Uint8Array): string => {
  assertNotEmpty(name, bytes);
  if (bytes.subarray(0, 4096).includes(0)) {
    throw malformed(
      name,
      'No text',
      'comma-separated text in UTF-8',
      'binary data',
      'Export the table as CSV in UTF-8.',
    );
  }
  if (bytes.length > MOST_BYTES) {
    throw malformed(
      name,
      'Too much text',
      `at most ${MOST_BYTES} bytes`,
      String(bytes.length),
      'Convert the table to Parquet or NPY.',
    );
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    // Decodes again with replacement characters. The first replacement character shows the line.
    const [before = ''] = new TextDecoder().decode(bytes).split('\uFFFD', 1);
    throw malformed(
      name,
      `Line ${before.split(/\r\n|\n|\r/).length} is not UTF-8`,
      'text in UTF-8',
      'bytes of another encoding',
      'Export the table as CSV in UTF-8.',
      cause,
    );
  }
};

/**
 * Returns the sign between the cells of the first line. A semicolon outside quotes takes precedence over a comma: if
 * both occur, the comma is probably a decimal sign. A bar separates cells only if no other sign does.
 */
export const delimiterOf = (text: string, decimal: Decimal): Separator => {
  const bare = text.slice(0, 65_536).replace(/"[^"]*("|$)/g, '');
  const first = /^[\r\n ]*(.*)/.exec(bare)?.[1] ?? '';
  // Without a separator the whole line is one cell, and the returned sign has no effect.
  const usual = decimal === ',' ? ';' : ',';
  return (['\t', ';', usual, '|'] as const).find((candidate) => first.includes(candidate)) ?? usual;
};

/**
 * Calls `take` with the cells of each line that is not blank, and the number of the line. If quoted cells contain line
 * endings, a record has several lines, and the number is the number of its last line. Lines are counted from
 * `firstLine`. Records are not kept.
 *
 * @throws `input` for misplaced quotes, with the line; any error of `take`.
 */
export const eachRecord = (
  name: string,
  text: string,
  delimiter: Separator,
  take: TakeRecord,
  firstLine: number = 1,
): void => {
  const { taken, all } = fittingRecords(text, delimiter, take, firstLine);
  if (!all) otherRecords(name, text, delimiter, take, { taken, before: firstLine - 1 });
};

/** Reads the records after the first `taken` with the parser of the library, which describes their errors. */
const otherRecords = (
  name: string,
  text: string,
  delimiter: Separator,
  take: TakeRecord,
  { taken, before }: { readonly taken: number; readonly before: number },
): void => {
  let [records, last] = [0, before];
  // Within quotes, the parser counts a line ending of two characters as two lines.
  let counted = 0;
  const endings = text.includes('\r\n');
  try {
    parse(text, {
      delimiter,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: delimiter !== '\t',
      record_delimiter: ['\r\n', '\n', '\r'],
      // Each record is dropped after `take` has received its cells, so that its strings do not stay in memory.
      on_record: (cells: string[], { lines }) => {
        if (endings) for (const cell of cells) counted += cell.split('\r\n').length - 1;
        last = lines - counted + before;
        if (records++ >= taken) take(cells, last);
        return null;
      },
    });
  } catch (error) {
    if (error instanceof FlowError) throw error;
    const { code, message } = error as { readonly code?: string; readonly message: string };
    // The parser reports the line where it stopped, which is the last line of the text.
    const got =
      code === 'CSV_QUOTE_NOT_CLOSED'
        ? `Quote Not Closed: one that opens after line ${last} has no end`
        : message.replace(/ at line (\d+)/, (_, line: string) => ` at line ${Number(line) + before}`);
    throw malformed(
      name,
      'A misplaced quote',
      'quoted cells as "a", a quote in one as ""',
      got,
      'Repair that line.',
      error,
    );
  }
};
