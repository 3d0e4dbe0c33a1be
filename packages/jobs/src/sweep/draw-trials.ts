import { FlowError, fold, key, uniforms, shown } from '@impflow/core';
import { valueText, type OptionValue } from '../tasks/value.ts';
import { isList, type IntervalParameter, type Parameter } from './parameter.ts';

/** The values of the swept parameters in a trial, by the names of the options. */
export type Choice = Readonly<Record<string, OptionValue>>;

/** Returns the values of a choice with their options as text, such as `lr 0.001, blocks 4`. */
export const choiceText = (choice: Choice): string =>
  Object.entries(choice)
    .map(([name, value]) => `${name} ${valueText(value)}`)
    .join(', ');

/** After this number of consecutive draws without a new choice, all choices count as drawn. */
const MOST_REPEATS = 10_000;
/** Number of significant digits to which a drawn number is rounded, if it is not whole. */
const DIGITS = 3;

/** Returns the number of different choices, which is infinite if a parameter is an interval of real numbers. */
export const choicesOf = (parameters: readonly Parameter[]): number =>
  parameters.reduce(
    (product, parameter) =>
      product *
      (isList(parameter)
        ? parameter.values.length
        : parameter.scale === 'int'
          ? parameter.high - parameter.low + 1
          : Infinity),
    1,
  );

/** Returns all combinations of the values of the lists. The last parameter varies fastest. */
export const gridTrials = (parameters: readonly Parameter[]): readonly Choice[] =>
  parameters
    .filter(isList)
    .reduce<readonly Choice[]>(
      (choices, { name, values }) => choices.flatMap((choice) => values.map((value) => ({ ...choice, [name]: value }))),
      [{}],
    );

/**
 * Draws `count` different choices at random. With the same seed, a smaller `count` gives the first choices of a larger
 * `count`.
 *
 * @throws `option` if there are fewer than `count` different choices.
 */
export const randomTrials = (parameters: readonly Parameter[], count: number, seed: number): readonly Choice[] => {
  const found = new Map<string, Choice>();
  for (let [draw, repeats] = [0, 0]; found.size < count; draw++) {
    const u = uniforms(fold(fold(key(seed), PURPOSE), draw), parameters.length);
    const choice = Object.fromEntries(parameters.map((parameter, i) => [parameter.name, valueAt(parameter, u[i]!)]));
    const text = JSON.stringify(choice);
    repeats = found.has(text) ? repeats + 1 : 0;
    if (repeats === MOST_REPEATS)
      throw new FlowError('option', 'jobs/planSweep', 'More trials than choices of the parameters', {
        expected: `the option trials of about ${found.size}`,
        got: shown(count),
        hint: 'Lower the option trials, or give more values.',
      });
    if (repeats === 0) found.set(text, choice);
  }
  return [...found.values()];
};

/**
 * Number that is folded into the key of the seed. `runKey` folds in other numbers, so the draws of trials differ from
 * its random numbers.
 */
const PURPOSE = 5;

const valueAt = (parameter: Parameter, u: number): OptionValue =>
  isList(parameter) ? parameter.values[Math.floor(u * parameter.values.length)]! : numberAt(parameter, u);

const numberAt = ({ scale, low, high }: IntervalParameter, u: number): number => {
  if (scale === 'int') return low + Math.floor(u * (high - low + 1));
  const drawn = scale === 'log' ? low * (high / low) ** u : low + u * (high - low);
  return Math.min(high, Math.max(low, Number(drawn.toPrecision(DIGITS))));
};
