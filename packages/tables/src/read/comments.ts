import type { CellReader } from '../frame/cells.ts';
import type { Separator } from './options.ts';

/** The comments before a table: blank lines, and lines that begin with `#`. */
interface Comments {
  /** The text of the comments, with their line breaks. */
  readonly text: string;
  /** Number of lines of the text, blank lines included. */
  readonly lines: number;
  /** Number of lines that begin with `#`. */
  readonly count: number;
}

/** Comments are found only within this number of characters at the beginning of a file. */
const HEAD = 65_536;
const NONE: Comments = { text: '', lines: 0, count: 0 };

/**
 * Finds the comments before the header of a CSV. A header may begin with `#` too, as `numpy.savetxt` writes it. So the
 * last of these lines is the header if it has as many cells as the line below, none of them empty, and the line below
 * does not look like a header. A header contains only text. If there are several cells, a row below it contains other
 * cells.
 *
 * @remarks Of the programs that many people use, only DuckDB recognizes comments without an option, and only by `#`.
 * @param separatorOf Returns the separator of a text that begins with a line of the table.
 */
export const commentsBefore = (
  text: string,
  separatorOf: (table: string) => Separator,
  { isText }: CellReader,
): Comments => {
  if (!/^\s*#/.test(text.slice(0, HEAD))) return NONE;
  const lines = text.slice(0, HEAD).match(LINE)!;
  const begin = lines.findIndex((line) => !line.startsWith('#') && line.trim() !== '');
  if (begin < 0) return NONE;
  const separator = separatorOf(lines.slice(begin).join(''));
  const cellsOf = (line: string): readonly string[] => line.split(separator).map((cell) => cell.trim());
  const [first, second] = lines
    .slice(begin)
    .filter((line) => line.trim() !== '')
    .map(cellsOf);
  const last = lines.findLastIndex((line, i) => i < begin && line.startsWith('#'));
  const cells = cellsOf(lines[last]!);
  const isTextLine = (line: readonly string[]): boolean => line.every((cell) => cell === '' || isText(cell));
  const isHeaderBelow = isTextLine(first!) && (cells.length === 1 || (second !== undefined && !isTextLine(second)));
  const isHeader = cells.length === first!.length && !cells.includes('') && !isHeaderBelow;
  const before = lines.slice(0, isHeader ? last : begin);
  const count = before.filter((line) => line.startsWith('#')).length;
  return count === 0 ? NONE : { text: before.join(''), lines: before.length, count };
};

/** Returns a sentence on the comments that are skipped; none if there are none. */
export const commentsLine = (name: string, { count }: Comments): readonly string[] => {
  if (count === 0) return [];
  const where = `before the header of ${name}`;
  return [
    count === 1
      ? `One line of comments ${where} is skipped: it begins with #.`
      : `${count} lines of comments ${where} are skipped: they begin with #.`,
  ];
};

/** Pattern of a line with its line break. */
const LINE = /[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+$/g;
