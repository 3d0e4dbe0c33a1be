// Parses the arguments of a measurement program. The type of an option is the type of its default value: a string, a
// number above 0, a list of whole numbers, or a flag.
import { parseArgs } from 'node:util';

/** @typedef {string | number | boolean | readonly number[]} Value */
/**
 * @typedef {Readonly<Record<string, { value: Value; help: string }>>} Options Options by name, each with its default
 * value and its help.
 */

/** Options that all measurement programs have. */
export const COMMON = /** @satisfies {Options} */ ({
  only: { value: '', help: 'only jobs whose name contains one of these words, separated by commas' },
  out: { value: '', help: 'file of the records; default: docs/measured/PROGRAM.jsonl' },
  again: { value: false, help: 'also measure jobs that have a record' },
  jobs: { value: 1, help: 'jobs at the same time; at most the number of idle cores' },
  list: { value: false, help: 'print the jobs to measure, and measure nothing' },
  markdown: { value: false, help: 'write the pages from the records, or print them with --out; measures nothing' },
  help: { value: false, help: 'print this text' },
});

/** Error for wrong arguments. The message is one sentence for the user. */
export class WrongArguments extends Error {}

/**
 * Returns the values of all options.
 *
 * @param {readonly string[]} args
 * @param {Options} options
 * @returns {Record<string, any>}
 * @throws {WrongArguments}
 */
export const parsed = (args, options) => {
  const types = Object.entries(options).map(([name, { value }]) => [
    name,
    { type: typeof value === 'boolean' ? 'boolean' : 'string' },
  ]);
  /** @type {Record<string, string | boolean | undefined>} */
  let given;
  try {
    given = /** @type {any} */ (parseArgs({ args: [...args], options: Object.fromEntries(types) })).values;
  } catch (error) {
    const [what] = /** @type {Error} */ (error).message.split('. ');
    throw new WrongArguments(
      `${what}: expected some of ${Object.keys(options)
        .map((name) => `--${name}`)
        .join(', ')}.`,
    );
  }
  return Object.fromEntries(
    Object.entries(options).map(([name, { value }]) => [
      name,
      given[name] === undefined ? value : valueOf(name, given[name], value),
    ]),
  );
};

/**
 * @param {string} name
 * @param {string | boolean} text
 * @param {Value} like
 * @returns {Value}
 */
const valueOf = (name, text, like) => {
  if (typeof text === 'boolean' || typeof like === 'string') return text;
  const numbers = text.split(',').map(Number);
  if (Array.isArray(like) && numbers.every((number) => Number.isInteger(number) && number >= 0)) return numbers;
  if (typeof like === 'number' && numbers.length === 1 && numbers[0] > 0) return numbers[0];
  const expected = Array.isArray(like) ? 'whole numbers, separated by commas' : 'a number above 0';
  throw new WrongArguments(`Wrong --${name}: expected ${expected}, got "${text}".`);
};

/**
 * Returns the help: one line for each option.
 *
 * @param {Options} options
 */
export const helpOf = (options) =>
  Object.entries(options)
    .map(([name, { value, help }]) => {
      const shown = value === false || value === '' ? '' : ` (${value})`;
      return `  ${`--${name}${value === false ? '' : ' …'}`.padEnd(18)}${help}${shown}`;
    })
    .join('\n');
