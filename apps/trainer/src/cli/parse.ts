import { FlowError, unknownName } from '@impflow/core';

/** Parsers of option values: a wrong one is an `option` error that names the option, what was expected and what came. */

const wrong = (option: string, expected: string, got: string): FlowError =>
  new FlowError('option', 'cli', `Wrong value of ${option}`, { expected, got: `"${got}"`, hint: 'See --help.' });

/** A whole number of at least `least`. */
export const integer = (option: string, least: number, or = ''): ((text: string) => number) => (text) => {
  const value = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < least) throw wrong(option, `a whole number of at least ${least}${or}`, text);
  return value;
};

/** A whole number of at least `least`, or `auto`. */
export const integerOrAuto = (option: string, least: number): ((text: string) => number | 'auto') => {
  const count = integer(option, least, ', or auto');
  return (text) => (text === 'auto' ? text : count(text));
};

/** A number in the open interval `(low, high)`. */
export const number = (option: string, low: number, high: number = Infinity): ((text: string) => number) => (text) => {
  const value = Number(text);
  if (text.trim() === '' || !(value > low && value < high)) {
    throw wrong(option, high === Infinity ? `a number above ${low}` : `a number between ${low} and ${high}`, text);
  }
  return value;
};

/** Whole numbers above zero, separated by commas. */
export const widths = (option: string): ((text: string) => readonly number[]) => (text) => text.split(',').map((part) => {
  const value = Number(part);
  if (part.trim() === '' || !Number.isSafeInteger(value) || value < 1) throw wrong(option, 'whole numbers above 0 separated by commas, such as 128,128', text);
  return value;
});

/** Height, width and channels. */
export const imageShape = (option: string): ((text: string) => readonly number[]) => (text) => {
  const shape = text.split(',').map(Number);
  if (shape.length !== 3 || !shape.every((n) => Number.isSafeInteger(n) && n > 0)) throw wrong(option, 'height,width,channels, such as 32,32,3', text);
  return shape;
};

/** One of some names; a misspelt one is answered with the nearest. */
export const oneOf = <Name extends string>(option: string, known: readonly Name[]): ((text: string) => Name) => (text) => {
  const found = known.find((name) => name === text);
  if (found === undefined) throw unknownName('cli', `value of ${option}`, text, known);
  return found;
};

/** Names separated by commas. */
export const names = (text: string): readonly string[] => text.split(',').map((part) => part.trim()).filter((part) => part !== '');
