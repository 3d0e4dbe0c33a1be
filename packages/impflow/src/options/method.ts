import { FlowError, shown } from '@impflow/core';
import type { PluginSpec } from '@impflow/flows';

/** Names of options that users cannot set, because the program passes them to factories. */
const RESERVED = ['dim', 'key', 'kind', 'g', 'build', '__proto__'];

/**
 * Parses a method with its options. The method is an object, or a string of the form `name`, `name:key=value,key=value`
 * or `name:{"key": value}`. A value that is not valid JSON is read as a string.
 *
 * @throws `option` for a string of any other form. `strictRegistries` later checks whether the method has these
 * options.
 */
export const methodSpec = (option: string, method: string | PluginSpec): PluginSpec => {
  if (typeof method !== 'string') return method;
  const text = method;
  const [name, written] = parted(text);
  if (written === undefined) return { name };
  const refuse = (expected: string, got: string): never => {
    throw new FlowError('option', 'impflow/fit', `Wrong options in the option ${option}: ${shortened(text)}`, {
      expected,
      got,
      hint: `Write ${name}:key=value,key=value or ${name}:{"key": value}.`,
    });
  };
  const options = written.trimStart().startsWith('{') ? fromJson(written, refuse) : fromPairs(written, refuse);
  const reserved = Object.keys(options).find((key) => RESERVED.includes(key));
  if (reserved !== undefined) refuse('an option of the method', `${reserved}, which the program sets`);
  return { name, options };
};

/** Converts a method with its options to the canonical string that checkpoints store. */
export const methodText = ({ name, options }: PluginSpec): string =>
  options === undefined
    ? name
    : `${name}:${JSON.stringify(Object.fromEntries(Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1))))}`;

const parted = (text: string): readonly [string, string?] => {
  const colon = text.indexOf(':');
  return colon < 0 ? [text] : [text.slice(0, colon), text.slice(colon + 1)];
};

type Refuse = (expected: string, got: string) => never;

const fromJson = (written: string, refuse: Refuse): Readonly<Record<string, unknown>> => {
  try {
    return JSON.parse(written) as Readonly<Record<string, unknown>>;
  } catch (error) {
    return refuse('a JSON object', (error as Error).message.split('\n')[0]!);
  }
};

const fromPairs = (written: string, refuse: Refuse): Readonly<Record<string, unknown>> => {
  const options: Record<string, unknown> = {};
  for (const pair of written.split(',')) {
    const [, key, value] = /^\s*([A-Za-z_$][\w$]*)\s*=\s*(.*?)\s*$/s.exec(pair) ?? [];
    if (key === undefined || value === '') return refuse('key=value', shown(pair));
    if (Object.hasOwn(options, key)) return refuse('each option once', `${key} twice`);
    options[key] = parsed(value!);
  }
  return options;
};

const parsed = (value: string): unknown => {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
};

const shortened = (text: string): string => (text.length > 100 ? `${text.slice(0, 100)}…` : text);
