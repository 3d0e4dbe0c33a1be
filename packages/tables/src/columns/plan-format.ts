import { FlowError } from '@impflow/core';
import { isGapAmongNumbers } from '../frame/cells.ts';
import type { Frame, FrameColumn } from '../frame/frame.ts';
import type { Decimal } from '../frame/simple-number.ts';
import { clockNumber, clockUnit, findClock } from './clock.ts';
import { findNumberFormat, textsOf, type AlmostFormat, type FoundFormat } from './find-number-format.ts';

/**
 * Decides whether the cells of a column are numbers in a format such as `$1,234.50`, or times such as `14:05`. Returns undefined for plain numbers
 * and for text.
 *
 * @param decimal Decimal sign that the user chose for the column. Default: the sign is found from the cells.
 * @param least If at least this share of the cells has one format, the other cells are mistakes.
 * @throws `input` for a cell that is such a mistake, and for cells that do not have the chosen decimal sign.
 */
export const planFormat = (
  column: FrameColumn,
  frame: Frame,
  { decimal, least }: { readonly decimal: Decimal | undefined; readonly least: number },
): FoundFormat | undefined => {
  const { name, texts } = column;
  if (texts === undefined && decimal === undefined) return undefined;
  const found =
    findNumberFormat(column, { usual: frame.decimal ?? '.', decimal, least }) ??
    (decimal === undefined ? timesIn(column, least) : undefined);
  if (found?.kind === 'format') return found;
  if (found === undefined && (decimal === undefined || texts === undefined)) return undefined;
  const row = found?.row ?? texts!.findIndex((text) => text !== undefined && !isGapAmongNumbers(text));
  throw new FlowError(
    'input',
    'tables/planColumns',
    `Text in the column "${name}" of ${frame.source}, ${frame.place(row)}`,
    {
      expected:
        found === undefined
          ? `a number with a decimal ${decimal === '.' ? 'point' : 'comma'}`
          : `a number such as ${found.example}, as in the other cells`,
      got: `"${found?.cell ?? texts![row]!}"`,
      hint: found === undefined ? 'Change the option decimalOf, or repair that cell.' : repairOf(name, found.cell),
    },
  );
};

/** Returns what to do about a single cell that is text, in a column of numbers or dates. */
export const repairOf = (name: string, cell: string): string =>
  `Repair that cell. If it marks missing cells, set the option gaps to ${name}:${cell}. If the column holds categories, name it in the option categorical.`;

/** Returns the format of a column whose cells are times or durations in one form. */
const timesIn = (column: FrameColumn, least: number): FoundFormat | AlmostFormat | undefined => {
  const texts = textsOf(column);
  const found = findClock(texts, least);
  if (found === undefined) return undefined;
  const { clock, row, cells, example } = found;
  return row >= 0
    ? { kind: 'almost', row, cell: texts[row]!, example }
    : {
        kind: 'format',
        decimal: '.',
        group: ',',
        unit: clockUnit(clock),
        clock,
        cells,
        example: { cell: example, value: clockNumber(example, clock) },
      };
};
