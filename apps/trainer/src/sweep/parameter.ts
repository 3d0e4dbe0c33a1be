import { FlowError, unknownName } from '@impflow/core';
import { canonical, type KnownOption } from './known-option.ts';

/** A parameter with the values of a list, as texts. */
export interface ListParameter {
  readonly name: string;
  readonly values: readonly string[];
}

/** A parameter with the numbers of an interval: evenly by logarithm, evenly, or whole numbers. */
export interface IntervalParameter {
  readonly name: string;
  readonly scale: 'log' | 'real' | 'int';
  readonly low: number;
  readonly high: number;
}

/** A parameter of a sweep: an option of `train` and the values to try. */
export type Parameter = ListParameter | IntervalParameter;

export const isList = (parameter: Parameter): parameter is ListParameter => 'values' in parameter;

/**
 * Options of `train` that may be parameters. Others change what a validation loss means, such as the seed, which chooses
 * the validation rows, or how long a trial is.
 */
export const SWEPT: readonly string[] = (
  'preset model blocks net scaling transform hidden activation coeff solver adjoint logdet base scales kernels ' +
  'factor-out dense-blocks dense-hidden widths flip crop memory batch lr optimizer schedule warmup clip ema patience'
).split(' ');

const INTERVAL = /^(log|real|int):([^:]+):([^:]+)$/;

/** The name and the values in `name=values`. */
export const partedParameter = (text: string): readonly [name: string, values: string] => {
  const at = text.indexOf('=');
  if (at < 1 || at === text.length - 1)
    throw new FlowError('option', 'cli', 'Wrong value of --param', {
      expected: 'an option of train and its values, such as lr=1e-3,3e-3 or lr=log:1e-4:1e-2',
      got: `"${text}"`,
      hint: 'See --help.',
    });
  return [text.slice(0, at).replace(/^--/, ''), text.slice(at + 1)];
};

/**
 * Parses the values of a parameter: an interval such as `log:1e-4:1e-2`, or a list with commas. If values have commas
 * themselves, as widths have, a list has semicolons.
 *
 * @throws `option` for an option that is no parameter, and for values that `train` refuses.
 */
export const parameterOf = (
  name: string,
  values: string | readonly unknown[],
  known: readonly KnownOption[],
): Parameter => {
  const option = known.find((each) => each.name === name);
  if (option === undefined || !SWEPT.includes(name)) {
    if (option === undefined) throw unknownName('cli', 'parameter of a sweep', name, SWEPT);
    throw new FlowError('option', 'cli', `${name} cannot be a parameter of a sweep`, {
      expected: `one of ${SWEPT.join(', ')}`,
      got: name,
      hint: `Validation losses of trials must compare. Give all trials the same --${name}.`,
    });
  }
  if (typeof values !== 'string') return listOf(option, values.map(textOf));
  const [, scale, low, high] = INTERVAL.exec(values) ?? [];
  if (scale !== undefined && isNumber(low!) && isNumber(high!))
    return intervalOf(option, scale as IntervalParameter['scale'], Number(low), Number(high));
  return listOf(option, values.split(values.includes(';') ? ';' : ','));
};

const isNumber = (text: string): boolean => text.trim() !== '' && Number.isFinite(Number(text));

/** A value of a JSON file as a text. */
const textOf = (value: unknown): string => (Array.isArray(value) ? value.join(',') : String(value));

const listOf = (option: KnownOption, texts: readonly string[]): ListParameter => {
  const { name } = option;
  const values = texts.map((text) =>
    option.takesValue ? canonical(option, text.trim()) : trueOrFalse(name, text.trim()),
  );
  const twice = values.find((value, i) => values.indexOf(value) < i);
  if (values.length === 0 || twice !== undefined)
    throw new FlowError('option', 'cli', `Wrong values of the parameter ${name}`, {
      expected: 'different ones',
      got: twice === undefined ? 'none' : `${twice} twice`,
      hint: `If a value has commas, separate the values by semicolons, such as --param 'hidden=37,37;64,64'.`,
    });
  return { name, values };
};

const trueOrFalse = (name: string, text: string): string => {
  if (text === 'true' || text === 'false') return text;
  throw new FlowError('option', 'cli', `Wrong value of the parameter ${name}`, {
    expected: 'true or false',
    got: `"${text}"`,
    hint: `Write --param ${name}=true,false.`,
  });
};

const intervalOf = (
  option: KnownOption,
  scale: IntervalParameter['scale'],
  low: number,
  high: number,
): IntervalParameter => {
  const { name } = option;
  const wrong = (expected: string): FlowError =>
    new FlowError('option', 'cli', `Wrong interval of the parameter ${name}`, {
      expected,
      got: `${scale}:${low}:${high}`,
      hint: `Write --param ${name}=${scale}:low:high.`,
    });
  if (!(low < high)) throw wrong('a low end below the high one');
  if (scale === 'log' && low <= 0) throw wrong('ends above 0');
  if (scale === 'int' && ![low, high].every(Number.isSafeInteger)) throw wrong('whole numbers');
  for (const end of [low, high])
    if (typeof option.parse(String(end)) !== 'number') throw wrong('an option with a number');
  return { name, scale, low, high };
};
