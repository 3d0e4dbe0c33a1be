// Functions that the schema and the tables share: they read the records of the options, and the built-in names of an
// option.
import { methodNames } from '../../packages/impflow/dist/run.js';

/** @import { Option } from '../../packages/core/dist/index.js' */

export { OPTIONS } from '../../packages/impflow/dist/index.js';
export { expectedOf, LIMITS } from '../../packages/impflow/dist/run.js';
export { IMAGE_OPTIONS } from '../../packages/vision/dist/index.js';

/**
 * Returns the names that an option accepts; an empty list for an option whose value is not a name.
 *
 * @param {Option} option
 * @returns {readonly string[]}
 */
export const namesOf = (option) =>
  option.type === 'choice' ? option.values : option.type === 'method' ? methodNames(option) : [];

/**
 * Returns the default of an option: its description in words, or its fixed value.
 *
 * @param {Option} option
 * @returns {string | undefined}
 */
export const standardOf = (option) => {
  const value = 'default' in option ? option.default : undefined;
  return option.otherwise ?? (typeof value === 'string' ? `\`${value}\`` : value?.toString());
};

/**
 * Returns the effect of an option, and the meaning of each of its values, as sentences without the last full stop.
 *
 * @param {Option} option
 */
export const meaningOf = (option) => {
  const meanings = 'meanings' in option ? Object.entries(option.meanings ?? {}) : [];
  const help = option.help.charAt(0).toUpperCase() + option.help.slice(1);
  return [help, ...meanings.map(([name, meaning]) => `\`${name}\`: ${meaning}`)].join('. ');
};
