import { FlowError } from '@impflow/core';
import { describeColumns, offsetOf, selectFrame, type Frame } from '@impflow/tables';
import type { ColumnPreview, TableChoice, TablePreview, TableRows, PointColors } from '../../protocol/data.ts';
import { learnRoles } from './learn-roles.ts';
import { readTable } from './read-table.ts';
import { cellText, shortened, tableColumn, type TableColumn } from './table-column.ts';

// The module `table-file.ts` imports the CSV parser. Load this module only when the visitor opens a table, so that the
// parser does not delay the page.

/** Number of cells that the page shows of each column, beginning with the first cell. */
const HEAD = 6;
/**
 * Largest ratio of the number of different texts in a column to the number of its cells. If the ratio is larger, the
 * texts are assumed to identify single rows, and the column cannot determine colors.
 */
const IDENTIFIER = 0.5;

/**
 * Describes the columns of a table: how the cells are interpreted, and why some columns cannot be used.
 *
 * @throws `input` if the text is not a table of at least two columns and ten rows. For example, the text is empty,
 * binary, not UTF-8, badly quoted, or too small, or its rows have different lengths.
 */
export const previewTable = async (name: string, bytes: Uint8Array): Promise<TablePreview> => {
  const frame = await frameIn(name, bytes);
  const roles = await learnRoles(frame);
  return {
    name,
    rows: frame.rows,
    columns: frame.columns.map((column) => ({
      ...preview(tableColumn(column, frame), frame),
      learn: roles.get(column.name)!,
    })),
    reading: frame.remarks?.[0] ?? '',
  };
};

/**
 * Reads two columns of a table, and optionally the column that determines the colors of the points. Rows with a missing
 * cell in one of the two columns are left out.
 *
 * @throws `input` for the reasons of {@link previewTable}, and for a column that does not exist or cannot be used.
 */
export const readRows = async (
  name: string,
  bytes: Uint8Array,
  { columns, color }: TableChoice,
): Promise<TableRows> => {
  const frame = await frameIn(name, bytes);
  // `selectFrame` throws if both columns are the same.
  selectFrame(frame, columns);
  const [across, up] = columns.map((wanted) => usable(wanted, frame, 'axis')) as [TableColumn, TableColumn];
  const colors = color === undefined ? undefined : colorsOf(usable(color, frame, 'color'));
  const kept: number[] = [];
  for (let row = 0; row < frame.rows; row++) if (!Number.isNaN(across.numbers[row]! + up.numbers[row]!)) kept.push(row);
  const skipped = frame.rows - kept.length;
  return {
    rows: Float32Array.from({ length: 2 * kept.length }, (_, i) => (i % 2 === 0 ? across : up).numbers[kept[i >> 1]!]!),
    columns: [across.axis, up.axis],
    skipped,
    ...(colors === undefined
      ? {}
      : { colors: { ...colors, values: Float32Array.from(kept, (row) => colors.values[row]!) } }),
  };
};

const AT = 'demo/readRows';

const frameIn = async (name: string, bytes: Uint8Array): Promise<Frame> => {
  const frame = await readTable({ name, bytes }, { minRows: 10 });
  const [only, ...others] = frame.columns;
  if (others.length > 0) return frame;
  throw new FlowError('input', 'demo/previewTable', `Only one column in ${name}`, {
    expected: 'at least 2, with a comma, a semicolon or a tab between their cells',
    got: `"${shortened(only?.name ?? '')}"`,
    hint: 'Export the table as CSV, with two columns of numbers.',
  });
};

/**
 * Returns the column of this name.
 *
 * @throws `input` if the column does not exist, if it cannot be used, or if `use` is `axis` and the column contains
 * text.
 */
const usable = (name: string, frame: Frame, use: 'axis' | 'color'): TableColumn => {
  const [found] = selectFrame(frame, [name]).columns;
  const column = tableColumn(found!, frame);
  const problem = preview(column, frame).problem ?? (use === 'axis' && column.kind === 'texts' ? 'texts' : undefined);
  if (problem === undefined) return column;
  throw new FlowError('input', AT, `Cannot use the column "${name}" of ${frame.source}`, {
    expected: 'numbers that differ',
    got: problem,
    hint: 'Choose another column.',
  });
};

const preview = (column: TableColumn, frame: Frame): Omit<ColumnPreview, 'learn'> => {
  const { name, kind, numbers, texts } = column;
  const isGap = (row: number): boolean => (texts === undefined ? Number.isNaN(numbers[row]) : texts[row] === undefined);
  const textAt = (row: number): string => shortened(texts?.[row] ?? cellText(column, numbers[row]!));
  const { problem, ...rest } = texts === undefined ? ofNumbers(column, frame) : ofTexts(column);
  return {
    name,
    kind,
    first: Array.from({ length: Math.min(HEAD, frame.rows) }, (_, row) => textAt(row)),
    gaps: Uint32Array.from(numbers.keys()).filter(isGap),
    ...rest,
    ...(problem === undefined ? {} : { problem }),
  };
};

type Described = Pick<ColumnPreview, 'readAs' | 'least' | 'most' | 'resolution'> & {
  readonly problem: string | undefined;
};

const ofTexts = ({ texts, misfit }: TableColumn): Described => {
  const categories = categoriesOf(texts);
  const cells = categories.reduce((sum, [, count]) => sum + count, 0);
  return {
    readAs: `text, ${categories.length === 1 ? '1 category' : `${categories.length} categories`}`,
    least: '',
    most: '',
    problem:
      misfit ??
      (categories.length === 1
        ? `the same in every row: "${shortened(categories[0]![0])}"`
        : categories.length > IDENTIFIER * cells
          ? `${categories.length} different texts in ${cells} cells`
          : undefined),
  };
};

const ofNumbers = (column: TableColumn, frame: Frame): Described => {
  const { name, axis, kind, numbers, misfit } = column;
  // The summary of a column includes only the cells that are numbers or dates. The summary is computed even if the
  // column cannot be used.
  const [summary] = describeColumns([{ name, numbers }]);
  const { min, max, kind: shape, resolution } = summary!;
  const wrong = numbers.findIndex((value) => !Number.isNaN(value) && !Number.isFinite(Math.fround(value)));
  const offset = offsetOf(numbers);
  const whole = kind === 'numbers' && shape === 'integer';
  const problem =
    misfit ??
    (wrong >= 0
      ? Number.isFinite(numbers[wrong])
        ? `too large for float32 in ${frame.place(wrong)}: ${numbers[wrong]!}`
        : `infinite in ${frame.place(wrong)}`
      : Number.isNaN(min)
        ? 'no numbers, all cells are missing'
        : offset !== 0 && new Set(numbers).size > 2
          ? `too fine for float32 at their size: subtract ${offset} from each`
          : shape === 'constant'
            ? `the same in every row: ${cellText(column, min)}`
            : undefined);
  return {
    readAs: kind === 'dates' ? `dates, as ${axis.slice(name.length + 2, -1)}` : whole ? 'whole numbers' : 'numbers',
    least: shownNumber(column, min),
    most: shownNumber(column, max),
    problem,
    ...(problem === undefined && resolution !== undefined ? { resolution } : {}),
  };
};

const shownNumber = (column: TableColumn, value: number): string =>
  column.kind === 'dates'
    ? cellText(column, value)
    : Number.isFinite(value)
      ? String(Number(value.toPrecision(5)))
      : '';

/**
 * Largest number of colors for categories. If there are more categories, the rarest categories share the last color.
 */
const MOST_CATEGORIES = 8;

/**
 * Returns the different texts of a column, each with the number of its cells. The most frequent text is first.
 */
const categoriesOf = (texts: TableColumn['texts'] = []): readonly (readonly [text: string, count: number])[] => {
  const counts = new Map<string, number>();
  for (const text of texts) if (text !== undefined) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].sort(([a, more], [b, less]) => less - more || (a < b ? -1 : 1));
};

/**
 * Returns the values that determine the colors of rows: the numbers of a column, or indices of its most frequent
 * categories.
 */
const colorsOf = ({ axis, numbers, texts }: TableColumn): PointColors => {
  if (texts === undefined) return { name: axis, values: Float32Array.from(numbers) };
  const all = categoriesOf(texts).map(([text]) => text);
  const categories =
    all.length <= MOST_CATEGORIES
      ? all
      : [...all.slice(0, MOST_CATEGORIES - 1), `${all.length - MOST_CATEGORIES + 1} others`];
  const codes = new Map(all.map((text, code) => [text, Math.min(code, categories.length - 1)]));
  return {
    name: axis,
    values: Float32Array.from(texts, (text) => (text === undefined ? NaN : codes.get(text)!)),
    categories,
  };
};
