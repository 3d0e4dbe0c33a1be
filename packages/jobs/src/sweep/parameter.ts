import { FlowError, unknownName, type Option } from '@impflow/core';
import { mismatch } from 'impflow/run';
import { SWEPT, TRAIN_OPTIONS } from '../tasks/train-options.ts';
import { valueText, type OptionValue } from '../tasks/value.ts';

/** A parameter of a sweep with a list of values. */
export interface ListParameter {
  /** Name of the option that is varied. */
  readonly name: string;
  /** The values to try. */
  readonly values: readonly OptionValue[];
}

/** A parameter of a sweep whose values are drawn from an interval: log-uniform, uniform, or whole numbers. */
export interface IntervalParameter {
  /** Name of the option that is varied. */
  readonly name: string;
  /** Distribution of the numbers: log-uniform (`log`), uniform (`real`), or uniform over whole numbers (`int`). */
  readonly scale: 'log' | 'real' | 'int';
  /** Lower end of the interval. */
  readonly low: number;
  /** Upper end of the interval. */
  readonly high: number;
}

/** A parameter of a sweep. It has the name of a training option in `SWEPT`, and the values to try. */
export type Parameter = ListParameter | IntervalParameter;

export const isList = (parameter: Parameter): parameter is ListParameter => 'values' in parameter;

/** @throws `option` for an option that cannot be a parameter of a sweep, and for values that the option cannot have. */
export const checkParameter = (parameter: Parameter): void => {
  const { name } = parameter;
  const option = SWEPT[name];
  if (option === undefined) throw noParameter(name);
  if (isList(parameter)) checkValues(parameter, option);
  else checkInterval(parameter, option);
};

const noParameter = (name: string): FlowError => {
  const known = Object.keys(SWEPT);
  if (TRAIN_OPTIONS[name] === undefined) return unknownName('jobs/planSweep', 'parameter of a sweep', name, known);
  return new FlowError('option', 'jobs/planSweep', `${name} cannot be a parameter of a sweep`, {
    expected: `one of ${known.join(', ')}`,
    got: name,
    hint: `Validation losses of trials must be comparable: give all trials the same ${name}.`,
  });
};

const checkValues = ({ name, values }: ListParameter, option: Option): void => {
  for (const value of values) {
    const expected = mismatch(option, value);
    if (expected !== undefined) throw wrongValues(name, expected, valueText(value));
  }
  const texts = values.map(valueText);
  const twice = texts.find((text, i) => texts.indexOf(text) < i);
  if (twice !== undefined) throw wrongValues(name, 'different values', `${twice} twice`);
  if (values.length === 0) throw wrongValues(name, 'one at least', 'none');
};

const wrongValues = (name: string, expected: string, got: string): FlowError =>
  new FlowError('option', 'jobs/planSweep', `Wrong values of the parameter ${name}`, {
    expected,
    got,
    hint: 'For an option whose value is a list, separate the values by semicolons, as in 37,37;64,64.',
  });

const checkInterval = ({ name, scale, low, high }: IntervalParameter, option: Option): void => {
  const wrong = (expected: string): FlowError =>
    new FlowError('option', 'jobs/planSweep', `Wrong interval of the parameter ${name}`, {
      expected,
      got: `${scale}:${low}:${high}`,
    });
  if (option.type !== 'real' && option.type !== 'count') throw wrong('an option with a number');
  if (option.type === 'count' && scale !== 'int') throw wrong('an interval of whole numbers, int');
  if (!(low < high)) throw wrong('a lower end below the upper end');
  if (scale === 'log' && low <= 0) throw wrong('ends above 0');
  if (scale === 'int' && ![low, high].every(Number.isSafeInteger)) throw wrong('whole numbers');
  for (const end of [low, high]) {
    const expected = mismatch(option, end);
    if (expected !== undefined) throw wrong(`ends that are each ${expected}`);
  }
};
