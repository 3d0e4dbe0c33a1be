import type { FrameColumn } from '../frame/frame.ts';
import type { ColumnPlan } from './column-plan.ts';
import { dateNumbers } from './dates.ts';
import { formattedNumbers } from './number-format.ts';

/** Returns the numbers in the cells of a column. Dates and numbers in a format are converted to numbers. */
export const plannedNumbers = (
  column: FrameColumn,
  { date, format }: Pick<Extract<ColumnPlan, { readonly kind: 'number' }>, 'date' | 'format'>,
): Float64Array => {
  if (date !== undefined) {
    const { unit, dayFirst } = date;
    return dateNumbers(column.texts ?? [], { date: unit, ...(dayFirst === undefined ? {} : { dayFirst }) });
  }
  return format === undefined ? column.numbers : formattedNumbers(column, format);
};
