import { FlowError } from '@impflow/core';
import { isGapAmongNumbers } from '../frame/cells.ts';
import type { Frame, FrameColumn } from '../frame/frame.ts';
import { shown } from '../frame/printable.ts';
import { chosenColumns } from './chosen-columns.ts';
import type { FrameOptions } from './options.ts';
import type { RawColumn, RawTable } from './raw.ts';

/**
 * Returns `raw` as a frame. Messages call it `source`; `at` is the function that errors name.
 *
 * @throws `input` for too few rows, two columns of one name, a column that does not exist, no columns, and for values
 * that are neither numbers nor texts.
 */
export const checkedFrame = (
  at: string,
  raw: RawTable,
  source: string,
  options: Pick<FrameOptions, 'columns' | 'minRows'> = {},
): Frame => {
  const chosen = chosenColumns(at, raw, source, options);
  for (const { name, wrong } of chosen) {
    if (wrong === undefined) continue;
    const others = raw.columns.filter((column) => column.wrong === undefined).map((column) => shown(column.name));
    throw new FlowError(
      'input',
      at,
      `A value that is no cell in the column "${shown(name)}" of ${source}, ${raw.place(wrong.row)}`,
      {
        expected: 'a number, a text, a boolean, a date, or nothing',
        got: shown(wrong.cell),
        hint:
          options.columns !== undefined || others.length === 0
            ? 'Write its parts to columns of their own.'
            : `Leave it out with the option columns: ${others.join(',')}`,
      },
    );
  }
  return {
    columns: chosen.map(frameColumn),
    rows: raw.rows,
    source,
    ...(raw.remarks === undefined ? {} : { remarks: raw.remarks }),
    place: (row) => raw.place(row),
  };
};

/** A whole number. As text it may have zeros in front, if it is positive, or more digits than a double. */
export const WHOLE: RegExp = /^(\d+|-[1-9]\d*)$/;

const frameColumn = ({ name, values, cells, isWritten = false, type }: RawColumn): FrameColumn => {
  const numbers = values instanceof Float64Array ? values : Float64Array.from(values);
  const typed = type === undefined ? {} : { type };
  if (cells === undefined) return { name, numbers, ...typed };
  let [someNumber, someText, someMark, someDigits] = [false, false, false, false];
  for (const [row, number] of numbers.entries()) {
    const cell = cells[row];
    if (!Number.isNaN(number)) {
      someNumber = true;
      someDigits ||= cell !== undefined && WHOLE.test(cell);
    } else if (cell !== undefined) {
      if (isGapAmongNumbers(cell)) someMark = true;
      else someText = true;
    }
  }
  const hasTexts = someText || (someMark && !someNumber);
  if (!hasTexts && !someDigits && !isWritten) return { name, numbers, ...typed };
  const textAt = (row: number): string | undefined => (hasTexts && Number.isNaN(numbers[row]) ? cells[row] : undefined);
  return {
    name,
    numbers,
    ...(hasTexts ? { texts: Array.from(numbers, (_, row) => textAt(row)) } : {}),
    written: Array.from(numbers, (number, row) =>
      Number.isNaN(number) ? textAt(row) : (cells[row] ?? String(number)),
    ),
    ...typed,
  };
};
