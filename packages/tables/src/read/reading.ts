import { listed, shortened } from '../frame/printable.ts';
import type { Decimal } from '../frame/simple-number.ts';
import type { CsvOptions, Separator } from './options.ts';

/** Settings with which a CSV text was parsed, and the parsed values. */
export interface Reading {
  /** Name of the file, for messages. */
  readonly name: string;
  /** Options that the caller has set. */
  readonly given: Pick<CsvOptions, 'header' | 'separator'>;
  readonly header: boolean;
  readonly separator: Separator;
  readonly decimal: Decimal;
  /** A cell with a comma in a number. Undefined if no cell has a comma, or if the caller has set the decimal sign. */
  readonly comma?: string;
  /** The cells of the first row, trimmed. `isText` is true if the cell is neither a number nor missing. */
  readonly first: readonly { readonly cell: string; readonly isText: boolean }[];
  /** The values of each column, without the header. */
  readonly columns: readonly ArrayLike<number>[];
}

const SIGNS: Readonly<Record<Separator, string>> = { ',': 'commas', ';': 'semicolons', '\t': 'tabs', '|': 'bars' };

/** Returns a sentence with the header, separator and decimal sign that were assumed. */
export const readingLine = ({ name, header, separator, decimal, comma }: Reading, names: readonly string[]): string =>
  `${name}: ${header ? `header ${listed(names)}` : `no header, columns ${listed(names)}`}; ${
    names.length === 1 ? 'one cell in a line' : `${SIGNS[separator]} between cells`
  }; decimal ${decimal === '.' ? 'point' : 'comma'}${decimal === ',' && comma !== undefined ? `, as in ${comma}` : ''}.`;

/**
 * Returns one sentence for each doubtful assumption of the reader. The sentence contains the option that changes the
 * assumption.
 */
export const readingDoubts = (reading: Reading): readonly string[] => {
  const { name, given, header, decimal, comma, first } = reading;
  const cells = first.map(({ cell }) => shortened(cell));
  const numbers = first.filter(({ cell, isText }) => cell !== '' && !isText);
  const slips = first.filter(({ cell, isText }) => isText && NEARLY_NUMBER.test(cell));
  const doubts: string[] = [];
  if (given.header === undefined && header && (numbers.length > 0 || slips.length > 0)) {
    const seen = [...numbers, ...slips][0]!.cell;
    doubts.push(
      `The first line of ${name} is read as the header, although it contains "${shortened(seen)}". ` +
        `If it is a row, set the option header to no.`,
    );
  }
  if (given.header === undefined && !header && looksLikeHeader(reading)) {
    doubts.push(
      `The first line of ${name} is read as a row, although ${cells.slice(0, 3).join(', ')} looks like a header. ` +
        'If it is the header, set the option header to yes.',
    );
  }
  if (given.separator === undefined && decimal === '.' && !header && areHalves(reading)) {
    doubts.push(
      `Each line of ${name} contains two whole numbers with a comma between them, which are read as two columns. If each line is one number, set the option decimal to a comma.`,
    );
  }
  if (decimal === '.' && comma !== undefined) {
    doubts.push(
      `The decimal sign of ${name} is a point, although cells such as ${comma} contain a comma. If the comma is the decimal sign of all columns, set the option decimal to a comma.`,
    );
  }
  return doubts;
};

/** Pattern of text that is probably a mistyped number: it begins like a number and has at most one letter. */
const NEARLY_NUMBER = /^(?!.*\p{L}.*\p{L})[+-]?[.,]?\d\S*$/u;

/**
 * Whether the first row looks like a header of numbers. Such a header consists of two years, or of at least three whole
 * numbers that increase by a constant step. In addition, most of the following rows do not increase by this step.
 */
const looksLikeHeader = ({ first, columns }: Reading): boolean => {
  const numbers = first.map(({ cell }) => (/^\d+$/.test(cell) ? Number(cell) : NaN));
  const enough =
    numbers.length > 2 || (numbers.length === 2 && numbers.every((value) => value >= 1900 && value < 2100));
  const step = enough ? numbers[1]! - numbers[0]! : NaN;
  if (!(step > 0) || !numbers.every((value, j) => j === 0 || value === numbers[j - 1]! + step)) return false;
  const rows = columns[0]!.length;
  const alike = (row: number): boolean =>
    columns.every((values, j) => j === 0 || values[row] === columns[j - 1]![row]! + step);
  let others = 0;
  for (let row = 1; row < rows; row++) others += alike(row) ? 0 : 1;
  return rows > 1 && others > (rows - 1) / 2;
};

/**
 * Whether the lines may be single numbers with a decimal comma that were read as two columns: there are two columns of
 * whole numbers, separated by a comma, and the numbers of the second column have no sign.
 */
const areHalves = ({ separator, first, columns }: Reading): boolean =>
  separator === ',' &&
  columns.length === 2 &&
  !/\s/.test(first[0]!.cell + first[1]!.cell) &&
  columns.every((values, j) =>
    Array.prototype.every.call(values, (value: number) => Number.isInteger(value) && (j === 0 || value >= 0)),
  );
