import { printable } from '@impflow/data';
import { paint, type TextStream } from './stream.ts';

/**
 * A number as text: `digits` significant digits, thousands separators, a power of ten for very large or small ones; `-`
 * for undefined.
 */
export const number = (x: number | undefined, digits = 4): string => {
  if (x === undefined) return '-';
  if (!Number.isFinite(x)) return Number.isNaN(x) ? 'NaN' : x > 0 ? 'infinity' : '-infinity';
  if (x === 0) return '0';
  const size = Math.abs(x);
  if (size < 1e-3 || size >= 1e9)
    return x
      .toExponential(digits - 1)
      .replace(/\.?0+e/, 'e')
      .replace('e+', 'e');
  if (Number.isInteger(x)) return x.toLocaleString('en');
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
  return x.toLocaleString('en', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
};

export type Cell = string | number;

/** Input of {@link table}. */
export interface TextTable {
  readonly head?: readonly string[];
  /** Cells of each row: texts or numbers. */
  readonly rows: readonly (readonly Cell[])[];
  /** Significant digits of the numbers. Default 4. */
  readonly digits?: number;
}

/**
 * Aligned text, a line per row, without a newline at the end. Columns with a number are right-aligned, others
 * left-aligned. The head is bold on a terminal. Control characters in cells are replaced, because names may come from
 * files.
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
