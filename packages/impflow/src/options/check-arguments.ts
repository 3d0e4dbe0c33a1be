import { FlowError, nearest, shown } from '@impflow/core';
import { isRecord } from '../json/schema.ts';
import { LIMITS } from './limits.ts';

/**
 * How to check an option that is not in `OPTIONS`: `expected` describes the accepted values, and `fits` returns whether
 * a value is accepted.
 */
export interface Argument {
  readonly expected: string;
  readonly fits: (value: unknown) => boolean;
}

/** Checks of options, by name of the option. */
export type Arguments = Readonly<Record<string, Argument>>;

/** Returns a check that accepts whole numbers from `least` to `most`. */
export const wholeNumber = (least: number, most: number = Number.MAX_SAFE_INTEGER): Argument => ({
  expected:
    most === Number.MAX_SAFE_INTEGER
      ? `a whole number of at least ${least}`
      : `a whole number from ${least} to ${most}`,
  fits: (value) => Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most,
});

const has = (value: unknown, method: string): boolean =>
  typeof value === 'object' && value !== null && typeof (value as Record<string, unknown>)[method] === 'function';

const workers = wholeNumber(1, LIMITS.workers);

/** Checks of the options of `load`. `fit` accepts these options too. */
export const OPENING: Arguments = {
  plugins: {
    expected: 'a list of modules, such as [await import("a-plugin")]',
    fits: (value) => Array.isArray(value) && value.every((each) => typeof each === 'object' && each !== null),
  },
  backend: { expected: 'a backend, such as wasm()', fits: (value) => has(value, 'start') },
};

/** Checks of the options of `fit` whose values are not plain JSON, except validation and test rows. */
export const FITTING: Arguments = {
  ...OPENING,
  workers: { expected: `auto, or ${workers.expected}`, fits: (value) => value === 'auto' || workers.fits(value) },
  onEvent: { expected: 'a function', fits: (value) => typeof value === 'function' },
  signal: { expected: 'the signal of an AbortController', fits: (value) => has(value, 'throwIfAborted') },
};

/**
 * Checks the options object that is passed to a function such as `load`.
 *
 * @throws `option` for a value that is not an object, for an unknown option (the message suggests the most similar
 * name), and for a wrong value.
 */
export const checkArguments = (at: string, given: unknown, known: Arguments): void => {
  const names = Object.keys(known);
  if (!isRecord(given))
    throw new FlowError('option', at, 'Wrong options', {
      expected: `an object with ${names.join(', ')}`,
      got: shown(given),
      hint: 'Name each option.',
    });
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const near = nearest(unknown, names);
    throw new FlowError('option', at, 'Unknown option', {
      expected: `one of ${names.join(', ')}`,
      got: `"${unknown}"`,
      hint: near === undefined ? 'Leave it out.' : `Did you mean "${near}"?`,
    });
  }
  checkValues(at, given, known);
};

/** Checks the values of the known options. @throws `option` for a wrong value. */
export const checkValues = (at: string, given: object, known: Arguments): void => {
  for (const [name, { expected, fits }] of Object.entries(known)) {
    const value = (given as Readonly<Record<string, unknown>>)[name];
    if (value !== undefined && !fits(value))
      throw new FlowError('option', at, `Wrong value of the option ${name}`, { expected, got: shown(value) });
  }
};
