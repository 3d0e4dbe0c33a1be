import { FlowError } from '@impflow/core';
import { isGapAmongDates, isZeroDate } from '../frame/cells.ts';
import type { Frame, FrameColumn } from '../frame/frame.ts';
import type { PlannedDates, PlanOptions } from './column-plan.ts';
import { dateFormatOf, dateNumbers } from './dates.ts';
import { repairOf } from './plan-format.ts';
import { MOSTLY } from './text-kinds.ts';

const AT = 'tables/planColumns';

/**
 * Decides whether the cells of a column are dates. Returns undefined for other columns.
 *
 * @throws `input` for a cell that is no date among dates, and for an order of day and month that is unclear or that
 * contradicts `dayFirst`.
 */
export const planDates = (
  { name, numbers, texts = [] }: FrameColumn,
  frame: Frame,
  { dayFirst }: PlanOptions,
): PlannedDates | undefined => {
  if (numbers.some((value) => !Number.isNaN(value))) return undefined;
  const found = dateFormatOf(withoutMarks(texts));
  if (found === undefined) return undefined;
  if (found.kind === 'almost') {
    if (found.dates < MOSTLY * found.texts) return undefined;
    throw new FlowError('input', AT, `No date in the column "${name}" of ${frame.source}, ${frame.place(found.row)}`, {
      expected: 'a date, as in the other cells',
      got: `"${found.text}"`,
      hint: repairOf(name, found.text),
    });
  }
  if (dayFirst !== undefined && found.dayFirst === !dayFirst) {
    const parsed = dateNumbers(withoutMarks(texts), { date: found.unit, dayFirst });
    const row = texts.findIndex((text, i) => text !== undefined && !isGapAmongDates(text) && Number.isNaN(parsed[i]));
    const [first, other] = dayFirst ? ['day', 'month'] : ['month', 'day'];
    throw new FlowError('input', AT, `No date in the column "${name}" of ${frame.source}, ${frame.place(row)}`, {
      expected: `a date with the ${first} first, as the option dayFirst says`,
      got: `"${texts[row]!}", which has the ${other} first, as all dates of the column can have`,
      hint: 'Leave the option dayFirst out: the order is then found for each column. Or repair that cell.',
    });
  }
  if (found.ambiguous === true && dayFirst === undefined) {
    const first = withoutMarks(texts).find((text) => text !== undefined)!;
    throw new FlowError(
      'input',
      AT,
      `The order of day and month is unclear in the column "${name}" of ${frame.source}`,
      {
        expected: 'a date that shows the order, such as 31/12/2020',
        got: `dates that are valid in both orders; the first is ${first}`,
        hint: 'Set the option dayFirst to yes or no.',
      },
    );
  }
  const zeros = texts.filter((text) => text !== undefined && isZeroDate(text));
  return {
    ...found,
    ...(dayFirst === undefined || found.dayFirst !== undefined ? {} : { dayFirst }),
    ...(zeros.length === 0 ? {} : { zeros: { cell: zeros[0]!, cells: zeros.length } }),
  };
};

/**
 * Replaces marks such as `-`, `?` and `00.00.0000` by undefined, because these marks stand for missing cells in a column
 * of dates.
 */
const withoutMarks = (texts: readonly (string | undefined)[]): readonly (string | undefined)[] =>
  texts.map((text) => (text === undefined || isGapAmongDates(text) ? undefined : text));
