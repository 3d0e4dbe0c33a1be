import { FlowError, nearest, shown, type Option, type Options } from '@impflow/core';
import { isRecord } from '../json/schema.ts';
import { LIMITS } from './limits.ts';

const AT = 'impflow/fit';

/**
 * Checks the names and the values of options.
 *
 * @param others Names of further allowed options, whose values are not checked.
 * @throws `option` for an unknown option (the message suggests the most similar name), and for a value of a wrong type
 * or out of range.
 */
export const checkOptions = (given: unknown, options: Options, others: readonly string[] = []): void => {
  if (!isRecord(given))
    throw new FlowError('option', AT, 'Wrong options', {
      expected: 'an object, such as { seconds: 60 }',
      got: shown(given),
      hint: 'Name each option.',
    });
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || others.includes(name)) continue;
    if (!Object.hasOwn(options, name)) throw unknown(name, [...Object.keys(options), ...others]);
    const expected = mismatch(options[name]!, value);
    if (expected !== undefined)
      throw new FlowError('option', AT, `Wrong value of the option ${name}`, { expected, got: shown(value) });
  }
};

const unknown = (name: string, known: readonly string[]): FlowError => {
  const near = nearest(name, known);
  return new FlowError('option', AT, 'Unknown option', {
    expected: `one of ${known.join(', ')}`,
    got: `"${name}"`,
    hint: near === undefined ? 'Leave it out.' : `Did you mean "${near}"?`,
  });
};

/** Returns undefined if `value` is valid for an option, and otherwise a description of the expected values. */
export const mismatch = (option: Option, value: unknown): string | undefined =>
  fits(option, value) ? undefined : expectedOf(option);

const fits = (option: Option, value: unknown): boolean => {
  switch (option.type) {
    case 'real': {
      const { above = -Infinity, below = Infinity } = option;
      return typeof value === 'number' && Number.isFinite(value) && value > above && value < below;
    }
    case 'count':
      return isCount(value, option.least, option.most);
    case 'counts': {
      const { least, most } = option;
      return isList(value) && value.length <= LIMITS.layers && value.every((each) => isCount(each, least, most));
    }
    case 'text':
      return typeof value === 'string';
    case 'texts':
      return Array.isArray(value) && value.every((each) => typeof each === 'string');
    case 'choice':
      return option.values.includes(value as string);
    case 'switch':
      return typeof value === 'boolean';
    case 'method':
      return typeof value === 'string' || isMethod(value);
  }
};

/** Describes the expected values of an option, such as `a number above 0`. */
export const expectedOf = (option: Option): string => {
  switch (option.type) {
    case 'real':
      return `a number${rangeOf(option.above, option.below)}`;
    case 'count':
      return option.most === undefined
        ? `a whole number of at least ${option.least}`
        : `a whole number from ${option.least} to ${option.most}`;
    case 'counts':
      return `1 to ${LIMITS.layers} whole numbers from ${option.least} to ${option.most}`;
    case 'text':
      return 'a string';
    case 'texts':
      return 'a list of strings';
    case 'choice':
      return `one of ${option.values.join(', ')}`;
    case 'switch':
      return 'true or false';
    case 'method':
      return 'a name, or { name, options }';
  }
};

const isCount = (value: unknown, least: number, most: number = Number.MAX_SAFE_INTEGER): boolean =>
  Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value) && value.length > 0;

const isMethod = (value: unknown): boolean =>
  isRecord(value) &&
  typeof value['name'] === 'string' &&
  (value['options'] === undefined || isRecord(value['options']));

const rangeOf = (above: number = -Infinity, below: number = Infinity): string =>
  above === -Infinity
    ? below === Infinity
      ? ''
      : ` below ${below}`
    : below === Infinity
      ? ` above ${above}`
      : ` between ${above} and ${below}`;
