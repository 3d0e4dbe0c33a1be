import type { FlowError } from '@impflow/core';
import { shortened } from '../frame/printable.ts';
import type { Decimal } from '../frame/simple-number.ts';
import { malformed } from './raw.ts';

/** Number of lines at the beginning of a table that are examined. At least three of them are needed. */
const EXAMINED = 6;

/**
 * Checks that the first line of a table is not a title, such as `Sales 2024`. A title contains no separator, or only
 * separators after it, and each line below contains equally many separators of one kind. `firstLine` is the number of the first line.
 *
 * @throws `input` for a title.
 */
export const assertNoTitle = (name: string, text: string, firstLine: number, decimal: Decimal): void => {
  const lines = text
    .slice(0, 65_536)
    .replace(/"[^"]*("|$)/g, (quoted) => quoted.replace(/[^\r\n]/g, ''))
    .split(/\r\n|\n|\r/)
    .map((line, i) => ({ line: firstLine + i, text: line }))
    .filter((line) => line.text.trim() !== '')
    .slice(0, EXAMINED);
  const [title, ...below] = lines;
  if (title === undefined || below.length < 2) return;
  // Bars separate the cells, and commas are in the numbers.
  if ([title, ...below].every((line) => line.text.includes('|'))) return;
  for (const separator of ['\t', ';', ...(decimal === ',' ? [] : [',']), '|']) {
    const cells = below.map((line) => line.text.split(separator).length);
    const own = title.text.split(separator);
    if (own.length > 1) {
      // A spreadsheet fills the line of a title with separators.
      const isPadded =
        own.length > 2 &&
        !hasQuote(text, title.text) &&
        own.slice(1).every((cell) => cell.trim() === '') &&
        own[0]!.trim() !== '';
      const next = below.find((line) => line.text.split(separator).filter((cell) => cell.trim() !== '').length > 1);
      if (!isPadded || next === undefined) return;
      throw titled(name, { ...title, text: own[0]! }, { line: next.line, cells: own.length, separator });
    }
    if (cells[0]! > 1 && cells.every((count) => count === cells[0]))
      throw titled(name, title, { line: below[0]!.line, cells: cells[0]!, separator });
  }
};

/** Whether the first line that is not blank has a quote, so that a cell of it is missing in `bare`. */
const hasQuote = (text: string, bare: string): boolean => !text.trimStart().startsWith(bare.trimStart());

/** Returns the error for a table whose first line has one cell, and whose next line has several cells. */
export const titled = (
  name: string,
  title: { readonly line: number; readonly text: string },
  next: { readonly line: number; readonly cells: number; readonly separator: string },
): FlowError =>
  malformed(
    name,
    `Line ${title.line} looks like a title, not like a header,`,
    `${next.cells} cells, as in line ${next.line}`,
    `one cell, "${shortened(title.text)}"`,
    `Delete line ${title.line}, or write # before it.${
      next.separator === ',' ? ' If the comma is the decimal sign, set the option decimal to a comma.' : ''
    }`,
  );
