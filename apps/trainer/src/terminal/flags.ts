import { IMAGE_OPTIONS } from '@impflow/vision';
import { OPTIONS } from 'impflow';

/** Options without a record, of `fit` and of the commands. */
const OTHERS: readonly string[] = [
  'data',
  'validation',
  'test',
  'workers',
  'backend',
  'plugins',
  'until',
  'out',
  'force',
  'queue',
  'share',
  'alarm',
  'trials',
  'search',
  'halving',
  'asynchronous',
  'minSteps',
  'temperature',
];

const RECORDS = Object.keys({ ...OPTIONS, ...IMAGE_OPTIONS });

const NAME = `(?:${[...RECORDS, ...OTHERS].join('|')})\\b`;
const NAMED = new RegExp(`\\b[Tt]he options? (${NAME}(?:(?:, | and | or )${NAME})*)`, 'g');

/** The flag of an option: `--validate-every` for `validateEvery`. */
export const flagOf = (name: string): string =>
  name === 'plugins' ? '--plugin' : `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** The name of an option of `train` as in code, from its flag with or without dashes. */
export const optionOf = (flag: string): string =>
  flag.replace(/^--/, '').replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

/**
 * The text with the flag of each option that a package names: `the option leaveOut` is `--leave-out` here, `the options
 * steps and epochs` are `--steps and --epochs`.
 */
export const withFlags = (text: string): string =>
  text.replace(NAMED, (_, names: string) => names.replace(new RegExp(NAME, 'g'), flagOf));

/** The text of a record with flags for the names of options between backticks, and without other backticks. */
export const plainText = (text: string): string =>
  text.replace(/`([^`]*)`/g, (_, word: string) => (RECORDS.includes(word) ? flagOf(word) : word));
