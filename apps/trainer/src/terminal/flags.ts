import { IMAGE_OPTIONS } from '@impflow/vision';
import { OPTIONS } from 'impflow';

/** Names of options without an option record: options of `fit`, and options of the commands. */
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

/** Returns the flag of an option: `--validate-every` for `validateEvery`. */
export const flagOf = (name: string): string =>
  name === 'plugins' ? '--plugin' : `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** Returns the name of an option of `train` in code, from its flag with or without the leading dashes. */
export const optionOf = (flag: string): string =>
  flag.replace(/^--/, '').replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

/**
 * Replaces the names of options in a message of a package by flags: `the option leaveOut` becomes `--leave-out`, and
 * `the options steps and epochs` becomes `--steps and --epochs`.
 */
export const withFlags = (text: string): string =>
  text.replace(NAMED, (_, names: string) => names.replace(new RegExp(NAME, 'g'), flagOf));

/**
 * Replaces each option name in backticks by its flag in the text of an option record, and removes all other backticks.
 */
export const plainText = (text: string): string =>
  text.replace(/`([^`]*)`/g, (_, word: string) => (RECORDS.includes(word) ? flagOf(word) : word));
