import { FlowError } from '@impflow/core';
import { parse } from '#csv-parse';
import type { Decimal } from '../frame/simple-number.ts';
import { fittingRecords, type TakeRecord } from './csv-records.ts';
import type { Separator } from './options.ts';
import { assertNotEmpty, malformed } from './raw.ts';

/** Maximum length of a string in V8, in UTF-16 code units. Decoded UTF-8 text has at most one code unit per byte. */
export const MOST_BYTES: number = 2 ** 29 - 24;

/** Format of a text, for error messages. */
export type TextFormat = 'CSV' | 'JSON lines';

/**
 * Checks the first bytes and the size of a text.
 *
 * @throws `input` for empty bytes, binary data, or more text than a string can contain.
 */
export const assertText = (name: string, start: Uint8Array, size: number, format: TextFormat): void => {
  assertNotEmpty(name, start);
  if (start.subarray(0, 4096).includes(0))
    throw malformed(
      name,
      'No text',
      `${format === 'CSV' ? 'comma-separated text' : format} in UTF-8`,
      'binary data',
      `Export the table as ${format} in UTF-8.`,
    );
  if (size > MOST_BYTES)
    throw malformed(
      name,
      'Too much text',
      `at most ${MOST_BYTES} bytes`,
      String(size),
      'Convert the table to Parquet or NPY.',
    );
};

/**
 * Decodes UTF-8 text, with or without a byte order mark. `name` is the name of the file, for error messages.
 *
 * @throws the errors of {@link assertText}; `input` for an encoding other than UTF-8 (the message contains the line).
 */
export const textOf = (name: string, bytes: Uint8Array, format: TextFormat): string => {
  assertText(name, bytes, bytes.length, format);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    // The bytes are decoded a second time, with replacement characters. The first replacement character shows which
    // line is wrong.
    const [before = ''] = new TextDecoder().decode(bytes).split('\uFFFD', 1);
    throw malformed(
      name,
      `Line ${before.split(/\r\n|\n|\r/).length} is not UTF-8`,
      'text in UTF-8',
      'bytes of another encoding',
      `Export the table as ${format} in UTF-8.`,
      cause,
    );
  }
};

/**
 * Finds the separator of the cells in the first line of a CSV. If semicolons and commas occur outside quotes, the
 * separator is the semicolon, because the comma is probably a decimal sign. A vertical bar is the separator only if no
 * tab, semicolon or comma can be the separator.
 */
export const delimiterOf = (text: string, decimal: Decimal): Separator => {
  const bare = text.slice(0, 65_536).replace(/"[^"]*("|$)/g, '');
  const first = /^[\r\n ]*(.*)/.exec(bare)?.[1] ?? '';
  // If the line contains none of the possible separators, the whole line is one cell, and the returned separator has no
  // effect.
  const usual = decimal === ',' ? ';' : ',';
  return (['\t', ';', usual, '|'] as const).find((candidate) => first.includes(candidate)) ?? usual;
};

/**
 * Parses CSV text, and calls `take` with the cells of each record and the number of its last line. A record has several
 * lines if a quoted cell contains a line break. Blank lines are skipped. `firstLine` is the number of the first line.
 * Records are not kept in memory.
 *
 * @throws `input` for misplaced quotes (the message contains the line), and any error that `take` throws.
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

/**
 * Reads all records after the first `taken` records with the parser of the library csv-parse, which describes errors in
 * the text.
 */
const otherRecords = (
  name: string,
  text: string,
  delimiter: Separator,
  take: TakeRecord,
  { taken, before }: { readonly taken: number; readonly before: number },
): void => {
  let [records, last] = [0, before];
  // Within quotes, the parser of csv-parse counts a line break of two characters (`\r\n`) as two lines.
  let counted = 0;
  const endings = text.includes('\r\n');
  try {
    parse(text, {
      delimiter,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: delimiter !== '\t',
      record_delimiter: ['\r\n', '\n', '\r'],
      // The parser drops each record after the call of `take`, so that the strings of the record do not stay in memory.
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
    // For a quote that is never closed, the parser reports the last line of the text, which is not the line of the
    // quote.
    const got =
      code === 'CSV_QUOTE_NOT_CLOSED'
        ? `Quote Not Closed: a quote that opens after line ${last} has no end`
        : message.replace(/ at line (\d+)/, (_, line: string) => ` at line ${Number(line) + before}`);
    throw malformed(
      name,
      'A misplaced quote',
      'quoted cells as "a", a quote within a cell as ""',
      got,
      'Repair that line.',
      error,
    );
  }
};
