import { printable } from '@impflow/tables';
import { number } from 'impflow/run';
import { paint, type TextStream } from './stream.ts';

export type Cell = string | number;

/** Arguments of {@link table}. */
interface TextTable {
  readonly head?: readonly string[];
  /** Cells of each row: strings or numbers. */
  readonly rows: readonly (readonly Cell[])[];
  /** Significant digits of the numbers. Default 4. */
  readonly digits?: number;
}

/**
 * Returns aligned text, with a line for each row and without a newline at the end. Columns with a number are
 * right-aligned, others left-aligned. The head is bold on a terminal. Control characters in cells are replaced, because
 * names may come from files.
 */
export const table = ({ head, rows, digits = 4 }: TextTable, stream: TextStream = process.stdout): string => {
  const texts = rows.map((row) =>
    row.map((cell) => (typeof cell === 'number' ? number(cell, digits) : printable(cell))),
  );
  const heads = head === undefined ? [] : [head.map(printable)];
  const all = [...heads, ...texts];
  const count = Math.max(0, ...all.map((row) => row.length));
  const columns = Array.from({ length: count }, (_, i) => ({
    width: Math.max(...all.map((row) => row[i]?.length ?? 0)),
    right: rows.some((row) => typeof row[i] === 'number'),
  }));
  const set = (row: readonly string[]): string =>
    columns
      .map(({ width, right }, i) => (right ? (row[i] ?? '').padStart(width) : (row[i] ?? '').padEnd(width)))
      .join('  ')
      .trimEnd();
  return [...heads.map((names) => paint('bold', set(names), stream)), ...texts.map(set)].join('\n');
};
