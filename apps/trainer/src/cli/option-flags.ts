import type { Option as OptionRecord, OptionGroup, Options } from '@impflow/core';
import { TRAIN_OPTIONS } from '@impflow/jobs';
import { Option, type Command } from 'commander';
import { methodNames } from 'impflow/run';
import { flagOf, plainText } from '../terminal/flags.ts';
import { optionParser } from './parse.ts';

const HEADINGS: Readonly<Record<OptionGroup, string>> = {
  columns: 'Columns:',
  reading: 'Text files:',
  flow: 'Flow:',
  images: 'Images:',
  training: 'Training:',
};

/** Makes the flag of an option of `train`. Values, default and help heading come from the record of the option. */
export const optionFlag = (name: string, option: OptionRecord): Option => {
  const place = placeholder(option);
  const flag = new Option(`${flagOf(name)}${place === undefined ? '' : ` <${place}>`}`, descriptionOf(option));
  if (option.type !== 'switch') flag.argParser(optionParser(name, option));
  return flag.helpGroup(HEADINGS[option.group]);
};

/** Adds the flags of the options to a command. */
export const withOptions = (command: Command, options: Options): Command =>
  Object.entries(options).reduce((all, [name, option]) => all.addOption(optionFlag(name, option)), command);

/** Returns the records of the options of `train` that belong to one group, such as `columns`. */
export const optionsOf = (group: OptionGroup): Options =>
  Object.fromEntries(Object.entries(TRAIN_OPTIONS).filter(([, option]) => option.group === group));

/**
 * Returns the placeholder for the value of an option in the help, such as `<n>`; undefined for an option without a
 * value.
 */
const placeholder = (option: OptionRecord): string | undefined => {
  switch (option.type) {
    case 'real':
      return 'number';
    case 'count':
      return 'n';
    case 'counts':
    case 'texts':
      return 'list';
    case 'choice':
      return isYesOrNo(option.values) ? 'yes|no' : areSigns(option.values) ? 'sign' : 'name';
    case 'text':
    case 'method':
      return 'name';
    case 'switch':
      return undefined;
  }
};

const isYesOrNo = (values: readonly string[]): boolean => values.join() === 'yes,no';

const areSigns = (values: readonly string[]): boolean => values.every((value) => value.length === 1);

const descriptionOf = (option: OptionRecord): string => {
  const values = valuesText(option);
  const standard = option.otherwise ?? ('default' in option ? option.default : undefined);
  return plainText(
    `${option.help}${values === undefined ? '' : `: ${values}`}${standard === undefined ? '' : ` (default: ${standard})`}`,
  );
};

/** Returns the names that are values of an option, with their descriptions. */
const valuesText = (option: OptionRecord): string | undefined => {
  if (option.type === 'method')
    return `${withMeanings(methodNames(option), option.meanings)}${option.closed ? '' : ", or a plugin's"}`;
  if (option.type !== 'choice' || isYesOrNo(option.values)) return undefined;
  if (!areSigns(option.values)) return withMeanings(option.values, option.meanings);
  const signs = option.values.map((sign) => (sign === '\t' ? 'tab' : sign));
  return `${signs.slice(0, -1).join(' ')} or ${signs.at(-1)!}`;
};

const withMeanings = (names: readonly string[], meanings: Readonly<Record<string, string>> = {}): string =>
  names.map((name) => (meanings[name] === undefined ? name : `${name} (${meanings[name]})`)).join(', ');
