import { FlowError, type Option } from '@impflow/core';
import { TRAIN_OPTIONS, type OptionValue, type Parameter } from '@impflow/jobs';
import { optionOf } from '../terminal/flags.ts';
import { optionParser } from './parse.ts';

const INTERVAL = /^(log|real|int):([^:]+):([^:]+)$/;

/**
 * Parses the value of `--param`, such as `lr=1e-3,3e-3`, `lr=log:1e-4:1e-2` or `hidden=37,37;64,64`.
 *
 * @throws `option` for another form, and for values that `train` refuses.
 */
export const parameterFlag = (text: string): Parameter => {
  const at = text.indexOf('=');
  if (at < 1 || at === text.length - 1)
    throw new FlowError('option', 'cli', 'Wrong value of --param', {
      expected: 'an option of train and its values, such as lr=1e-3,3e-3 or lr=log:1e-4:1e-2',
      got: `"${text}"`,
      hint: 'See --help.',
    });
  return parameterOf(optionOf(text.slice(0, at)), text.slice(at + 1));
};

/**
 * Makes a parameter from the text of its values, or from the values in a JSON file. String values in the file are
 * parsed as on the command line.
 */
export const parameterOf = (name: string, values: string | readonly unknown[]): Parameter => {
  if (typeof values !== 'string') return { name, values: values.map((value) => valueOf(name, value)) };
  const [, scale, low, high] = INTERVAL.exec(values) ?? [];
  if (scale !== undefined && isNumber(low!) && isNumber(high!))
    return { name, scale: scale as 'log' | 'real' | 'int', low: Number(low), high: Number(high) };
  return { name, values: values.split(values.includes(';') ? ';' : ',').map((value) => valueOf(name, value.trim())) };
};

const isNumber = (text: string): boolean => text.trim() !== '' && Number.isFinite(Number(text));

/**
 * Converts a value of an option of `train`. A string is parsed as on the command line. `planSweep` reports wrong
 * values.
 */
export const valueOf = (name: string, value: unknown): OptionValue => {
  const option: Option | undefined = TRAIN_OPTIONS[name];
  if (typeof value !== 'string' || option === undefined) return value as OptionValue;
  if (option.type === 'switch') return value === 'true' ? true : value === 'false' ? false : value;
  return optionParser(name, option)(value) as OptionValue;
};
