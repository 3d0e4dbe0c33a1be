import { FlowError, unknownName, type Option } from '@impflow/core';
import { methodSpec, methodText, mismatch } from 'impflow/run';
import { LIMITS } from '../settings/limits.ts';
import { names } from '../settings/names.ts';
import type { Workers } from '../settings/workers.ts';
import { flagOf } from '../terminal/flags.ts';

/**
 * Parsers of option values. A wrong value throws an `option` error with the option, the expected values and the given
 * text.
 */

const wrong = (option: string, expected: string, got: string): FlowError =>
  new FlowError('option', 'cli', `Wrong value of ${option}`, {
    expected,
    got: `"${got.length > 100 ? `${got.slice(0, 100)}…` : got}"`,
    hint: 'See --help.',
  });

interface Bounds {
  readonly least: number;
  /** Largest accepted number. Default: `Number.MAX_SAFE_INTEGER`. */
  readonly most?: number;
}

const range = ({ least, most }: Bounds): string =>
  most === undefined ? `a whole number of at least ${least}` : `a whole number from ${least} to ${most}`;

const isWithin = (value: number, { least, most = Number.MAX_SAFE_INTEGER }: Bounds): boolean =>
  Number.isSafeInteger(value) && value >= least && value <= most;

/** Parser of a whole number within bounds. `or` is text that the error message appends to the expected values. */
export const integer =
  (option: string, bounds: Bounds, or = ''): ((text: string) => number) =>
  (text) => {
    const value = Number(text);
    if (text.trim() === '' || !isWithin(value, bounds)) throw wrong(option, `${range(bounds)}${or}`, text);
    return value;
  };

/** Parser of a whole number within bounds, or `auto`. */
export const integerOrAuto =
  (option: string, bounds: Bounds, or = ', or auto'): ((text: string) => number | 'auto') =>
  (text) =>
    text === 'auto' ? text : integer(option, bounds, or)(text);

/** Parser of a number of workers, `auto`, `mpi`, or `mpi:<n>`: n workers on each rank of an MPI job. */
export const workers = (text: string): Workers => {
  const bounds = { least: 1, most: LIMITS.workers };
  const [kind, each = '1', ...rest] = text.split(':');
  if (kind === 'mpi' && rest.length === 0) return { each: integer('--workers mpi:<n>', bounds)(each) };
  return integerOrAuto('--workers', bounds, ', auto, mpi or mpi:<n>')(text);
};

/** Parser of a number in the open interval `(low, high)`. */
export const numberOption =
  (option: string, low: number, high: number = Infinity): ((text: string) => number) =>
  (text) => {
    const value = Number(text);
    if (text.trim() === '' || !(value > low && value < high)) {
      throw wrong(option, high === Infinity ? `a number above ${low}` : `a number between ${low} and ${high}`, text);
    }
    return value;
  };

/** Parser of an image shape: height, width and channels, separated by commas. */
export const imageShape =
  (option: string): ((text: string) => readonly number[]) =>
  (text) => {
    const shape = text.split(',').map(Number);
    if (shape.length !== 3 || !shape.every((n) => isWithin(n, { least: 1, most: LIMITS.width })))
      throw wrong(option, 'height,width,channels, such as 32,32,3', text);
    return shape;
  };

/** Parser of one of the `known` names. The error for another name suggests the nearest known name. */
export const oneOf =
  <Name extends string>(option: string, known: readonly Name[]): ((text: string) => Name) =>
  (text) => {
    const found = known.find((name) => name === text);
    if (found === undefined) throw unknownName('cli', `value of ${option}`, text, known);
    return found;
  };

/**
 * Parser of the value of an option. The record of the option determines the parser. Elements of lists are separated by
 * commas. A method is converted to the text that `methodText` returns. Different ways of writing the options of a
 * method give the same text. The name `tab` means the tab character as separator.
 */
export const optionParser = (name: string, option: Option): ((text: string) => unknown) => {
  const flag = flagOf(name);
  switch (option.type) {
    case 'real':
    case 'count':
      return checked(flag, option, numberOf);
    case 'counts':
      return checked(flag, option, (text) => text.split(',').map(numberOf), ' separated by commas, such as 128,128');
    case 'texts':
      return names;
    case 'choice': {
      const parse = oneOf(flag, option.values.map(signName));
      return (text) => (parse(signName(text)) === TAB ? '\t' : text);
    }
    case 'method':
      return (text) => methodText(methodSpec(name, text));
    case 'text':
    case 'switch':
      return (text) => text;
  }
};

/** Name of the tab character on the command line. */
const TAB = 'tab';

const signName = (sign: string): string => (sign === '\t' ? TAB : sign);

/**
 * Parser that checks values with the record of the option. `more` is text that the error message appends to the
 * expected values.
 */
const checked =
  (flag: string, option: Option, parse: (text: string) => unknown, more = ''): ((text: string) => unknown) =>
  (text) => {
    const value = parse(text);
    const expected = mismatch(option, value);
    if (expected !== undefined) throw wrong(flag, `${expected}${more}`, text);
    return value;
  };

const numberOf = (text: string): number => (text.trim() === '' ? NaN : Number(text));

/** Parser of `--share`, such as `3/16`. The index counts from 0. */
export const share = (text: string): { readonly index: number; readonly of: number } => {
  const [, place, count] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  const [index, of] = [Number(place) - 1, Number(count)];
  if (place !== undefined && index >= 0 && index < of) return { index, of };
  throw new FlowError('option', 'cli', 'Wrong value of --share', {
    expected: 'one of 1/n to n/n, such as 3/16',
    got: `"${text}"`,
  });
};
