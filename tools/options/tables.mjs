// Writes the tables of options in README files, between `<!-- options: GROUP -->` and `<!-- /options -->`.
import { expectedOf, IMAGE_OPTIONS, meaningOf, namesOf, OPTIONS, standardOf } from './records.mjs';

/** @import { Option, Options } from '../../packages/core/dist/index.js' */

const MARKED = /(<!-- options: (\w+) -->\n)[^]*?(<!-- \/options -->)/g;

/**
 * Returns the text of a README file with its tables up to date.
 *
 * @param {string} text
 * @param {boolean} [asFlags] Whether options are written as flags of the command line, such as `--leave-out` for
 * `leaveOut`.
 */
export const withTables = (text, asFlags = false) =>
  text.replace(MARKED, (_, begin, group, end) => `${begin}\n${tableOf(group, asFlags)}\n${end}`);

/** @param {string} name */
const flagOf = (name) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/**
 * @param {string} group
 * @param {boolean} asFlags
 */
const tableOf = (group, asFlags) => {
  const options = Object.entries(/** @type {Options} */ (group === 'images' ? IMAGE_OPTIONS : OPTIONS)).filter(
    ([, option]) => (group === 'images' ? option.images !== true : option.group === group),
  );
  if (options.length === 0) throw new Error(`no options in the group ${group}`);
  const rows = options.map(([name, option]) => [
    `\`${name}\``,
    valuesText(option, asFlags),
    standardOf(option) ?? (option.type === 'switch' ? 'off' : 'none'),
    meaningOf(option),
  ]);
  const table = [['option', 'values', 'default', 'meaning'], ['---', '---', '---', '---'], ...rows]
    .map((cells) => `| ${cells.map((cell) => (asFlags ? withFlags(cell) : cell)).join(' | ')} |\n`)
    .join('');
  return group === 'images' ? `${table}\n${sharedText(asFlags)}\n` : table;
};

/**
 * Returns a sentence that lists the options of a table that trainings on images also have.
 *
 * @param {boolean} asFlags
 */
const sharedText = (asFlags) => {
  const names = Object.entries(/** @type {Options} */ (OPTIONS)).flatMap(([name, { images }]) =>
    images === true ? [asFlags ? `\`${flagOf(name)}\`` : `\`${name}\``] : [],
  );
  return `Images also have these options of a table: ${names.join(', ')}.`;
};

/**
 * @param {Option} option
 * @param {boolean} asFlags
 */
const valuesText = (option, asFlags) => {
  if (option.type === 'switch' && asFlags) return '';
  const names = namesOf(option)
    .map((name) => `\`${name === '\t' ? (asFlags ? 'tab' : '\\t') : name.replace('|', '\\|')}\``)
    .join(', ');
  if (option.type === 'method') return `${names}${option.closed ? '' : ", or a plugin's"}`;
  return names || expectedOf(option).replace(/^a /, '');
};

/**
 * Returns the text, with flags in place of the names of options between backticks.
 *
 * @param {string} text
 */
const withFlags = (text) =>
  text.replace(/`(\w+)`/g, (whole, word) =>
    Object.hasOwn(OPTIONS, word) || Object.hasOwn(IMAGE_OPTIONS, word) ? `\`${flagOf(word)}\`` : whole,
  );
