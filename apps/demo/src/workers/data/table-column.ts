import { isGapAmongNumbers, type Frame, type FrameColumn, dateFormatOf, dateNumbers, dateText } from '@impflow/tables';

/** A column of a table whose cells are interpreted as numbers, dates or text. */
export interface TableColumn {
  /** Name of the column in the file. */
  readonly name: string;
  /** Name of the axis that shows the column. For dates the name includes the day from which the dates are counted. */
  readonly axis: string;
  readonly kind: 'numbers' | 'dates' | 'texts';
  /**
   * The numbers in the cells, `[rows]`. NaN for missing cells and for text. A date is converted to the number of days
   * since `since`.
   */
  readonly numbers: Float64Array;
  /** The day from which the dates are counted, in days since 1970-01-01. */
  readonly since?: number;
  /** The text of each cell, `[rows]`, undefined for missing cells. Present only if `kind` is `texts`. */
  readonly texts?: readonly (string | undefined)[];
  /** Description of the first cell that prevents the column from being a column of numbers or dates. */
  readonly misfit?: string;
}

/**
 * If more than this fraction of the cells are numbers, the column is a column of numbers, and a cell with text is an
 * error.
 */
const MOSTLY = 0.9;

/** Decides whether a column contains numbers, dates or text, and interprets its cells. */
export const tableColumn = (column: FrameColumn, frame: Frame): TableColumn => {
  const { name, numbers, texts, written } = column;
  const numeric: TableColumn = { name, axis: name, kind: 'numbers', numbers };
  if (texts === undefined) return numeric;
  const given = numbers.reduce((count, value) => count + (Number.isNaN(value) ? 0 : 1), 0);
  const marked = texts.map((text) => (text === undefined || isGapAmongNumbers(text) ? undefined : text));
  const textCount = marked.reduce((count, text) => count + (text === undefined ? 0 : 1), 0);
  const first = marked.findIndex((text) => text !== undefined);
  if (given > MOSTLY * (given + textCount))
    return { ...numeric, misfit: misfitOf('text', frame, first, marked[first]!) };
  const asTexts: TableColumn = { name, axis: name, kind: 'texts', numbers, texts: written ?? texts };
  const comma = marked.findIndex((text) => text !== undefined && DECIMAL_COMMA.test(text));
  if (comma >= 0) return { ...asTexts, misfit: misfitOf('a comma in a number', frame, comma, marked[comma]!) };
  const format = given > 0 ? undefined : dateFormatOf(marked);
  if (format === undefined) return asTexts;
  if (format.kind === 'almost')
    return format.dates < MOSTLY * format.texts
      ? asTexts
      : { ...asTexts, misfit: misfitOf('no date', frame, format.row, format.text) };
  if (format.ambiguous === true)
    return { ...asTexts, misfit: misfitOf('ambiguous order of day and month', frame, first, marked[first]!) };
  const { dayFirst } = format;
  const days = dateNumbers(marked, { date: 'days', ...(dayFirst === undefined ? {} : { dayFirst }) });
  // Dates are counted from the first day of the column. If dates were counted from 1970, a date with a time of day
  // would be too imprecise in float32.
  const since = Math.floor(days.reduce((least, day) => (day < least ? day : least), Infinity));
  return {
    name,
    axis: `${name} (days since ${dateText(since, 'days')})`,
    kind: 'dates',
    numbers: days.map((day) => day - since),
    since,
  };
};

const misfitOf = (what: string, frame: Frame, row: number, cell: string): string =>
  `${what} in ${frame.place(row)}: "${shortened(cell)}"`;

const DECIMAL_COMMA = /^[+-]?\d+,\d+(e[+-]?\d+)?$/i;

/** Returns the text of a cell, shortened for quotation in a message. */
export const shortened = (text: string): string => (text.length <= 24 ? text : `${text.slice(0, 23)}…`);

/** Formats a value of a column. Dates are formatted as dates, with their time of day if it is not midnight. */
export const cellText = ({ kind, since = 0 }: TableColumn, value: number): string => {
  if (Number.isNaN(value)) return '';
  if (kind !== 'dates') return String(value);
  return Number.isInteger(value) ? dateText(since + value, 'days') : dateText(86_400 * (since + value), 'seconds');
};
