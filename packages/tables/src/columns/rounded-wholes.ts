import { FlowError } from '@impflow/core';
import type { Frame, FrameColumn } from '../frame/frame.ts';

/** Whole numbers of a column that a double cannot represent. */
export interface RoundedWholes {
  /** Number of cells with such a number. */
  readonly cells: number;
  /** The first such cell, and the double that is used in its place. */
  readonly example: { readonly cell: string; readonly value: string };
}

const WHOLE = /^[+-]?\d+$/;

/**
 * Finds the whole numbers above 2^53 in a column that are rounded, because a double does not have enough digits. Returns
 * undefined if no number is rounded.
 *
 * @throws `input` if two different whole numbers become equal, because such numbers are probably identifiers.
 */
export const roundedWholes = ({ name, numbers, written }: FrameColumn, frame: Frame): RoundedWholes | undefined => {
  if (written === undefined) return undefined;
  const known = new Map<number, bigint>();
  let [cells, first] = [0, -1];
  for (const [row, number] of numbers.entries()) {
    if (!(Math.abs(number) > Number.MAX_SAFE_INTEGER) || written[row] === undefined || !WHOLE.test(written[row]))
      continue;
    const whole = BigInt(written[row].replace('+', ''));
    const other = known.get(number) ?? whole;
    if (other !== whole)
      throw new FlowError(
        'input',
        'tables/planColumns',
        `Whole numbers with too many digits in the column "${name}" of ${frame.source}, ${frame.place(row)}`,
        {
          expected: 'whole numbers that differ as doubles; below 2^53 all do',
          got: `${whole} and ${other}, which are the same double`,
          hint: `If they are identifiers, leave them out with the option leaveOut: ${name}. If they are codes, name the column in the option categorical.`,
        },
      );
    known.set(number, whole);
    if (BigInt(number) === whole) continue;
    cells++;
    if (first < 0) first = row;
  }
  return first < 0 ? undefined : { cells, example: { cell: written[first]!, value: String(BigInt(numbers[first]!)) } };
};
