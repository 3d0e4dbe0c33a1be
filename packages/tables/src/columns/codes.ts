import type { FrameColumn } from '../frame/frame.ts';
import { FEWEST } from './text-kinds.ts';

/** Why the cells of a column are codes, although they can be read as numbers. */
export interface Codes {
  /** Whether cells have leading zeros, as in 02134, or all cells look like telephone numbers. */
  readonly kind: 'leading zeros' | 'telephone';
  /** A cell that shows this. */
  readonly example: string;
}

const DIGITS = /^\d+$/;
const PADDED = /^0\d+$/;
/** A telephone number with the code of its country. */
const INTERNATIONAL = /^\+\d{7,15}$/;
/** Range of the telephone numbers of ten digits in North America. A time in seconds since 1970 is below it until 2033. */
const AMERICAN = [2e9, 1e10] as const;

/**
 * Returns why the cells of a column are codes: all are whole numbers, and some have leading zeros, as in 02134; or all
 * are telephone numbers, such as +16175551234 or different whole numbers of ten digits. Returns undefined for other
 * columns.
 *
 * @param present Number of cells that are not missing.
 * @param distinct Number of different cells.
 */
export const codesIn = (
  { numbers, texts, written }: FrameColumn,
  { present, distinct }: { readonly present: number; readonly distinct: number },
): Codes | undefined => {
  if (texts !== undefined) return undefined;
  if (present >= FEWEST && distinct === present) {
    const isTelephone = (value: number): boolean =>
      Number.isNaN(value) || (Number.isInteger(value) && value >= AMERICAN[0] && value < AMERICAN[1]);
    if (numbers.every(isTelephone))
      return { kind: 'telephone', example: String(numbers.find((x) => !Number.isNaN(x))) };
  }
  if (written === undefined) return undefined;
  const all = (pattern: RegExp): boolean => written.every((text) => text === undefined || pattern.test(text));
  const first = written.find((text) => text !== undefined)!;
  if (INTERNATIONAL.test(first) && all(INTERNATIONAL)) return { kind: 'telephone', example: first };
  const example = written.find((text) => text !== undefined && PADDED.test(text));
  return example !== undefined && all(DIGITS) ? { kind: 'leading zeros', example } : undefined;
};
