import { FlowError } from '@impflow/core';
import { isGapAmongNumbers } from '../frame/cells.ts';
import type { Frame, FrameColumn } from '../frame/frame.ts';
import type { Decimal } from '../frame/simple-number.ts';
import { findNumberFormat, type FoundFormat } from './find-number-format.ts';

/**
 * Decides whether the cells of a column are numbers in a format such as `$1,234.50`. Returns undefined for plain numbers
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
  const found = findNumberFormat(column, { usual: frame.decimal ?? '.', decimal, least });
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
      hint:
        found === undefined
          ? 'Change the option decimalOf, or repair that cell.'
          : 'Repair that cell, leave it empty, or name the column in the option categorical.',
    },
  );
};
