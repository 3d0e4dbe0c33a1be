import { readFile } from 'node:fs/promises';
import { FlowError } from '@impflow/core';
import { count, isRecord, oneOf, optional, record, shown, trueOrFalse, type Schema } from '../json/schema.ts';
import { diskWords } from '../run-folder/disk-words.ts';
import type { KnownOption } from './known-option.ts';
import { parameterOf } from './parameter.ts';
import { SEARCHES, type SweepRequest } from './plan.ts';

const HALVING: Schema = (value, at) =>
  value === undefined || value === false || (Number.isSafeInteger(value) && (value as number) >= 2)
    ? undefined
    : { at, expected: 'a whole number of at least 2, or false', got: shown(value) };

const FIELDS: Readonly<Record<string, Schema>> = {
  params: record({}),
  options: optional(record({})),
  trials: optional(count(1)),
  search: optional(oneOf(...SEARCHES)),
  halving: HALVING,
  asynchronous: optional(trueOrFalse),
  steps: optional(count(1)),
  minSteps: optional(count(1)),
};

/**
 * Reads a sweep from a JSON file: `params`, each a list or an interval such as `"log:1e-4:1e-2"`, `options` of all
 * trials by their long names, and `trials`, `search`, `halving`, `asynchronous`, `steps`, `minSteps`.
 *
 * @throws `input` for a file of another form; `option` for parameters that `train` refuses.
 */
export const readSpec = async (path: string, known: readonly KnownOption[]): Promise<Partial<SweepRequest>> => {
  const refuse = (expected: string, got: string, cause?: unknown): FlowError =>
    new FlowError('input', 'cli', `${path} does not describe a sweep`, {
      expected,
      got,
      cause,
      hint: 'Write for example {"params": {"lr": [0.001, 0.003]}, "options": {"data": "moons"}}.',
    });
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw refuse('a JSON file', diskWords(cause), cause);
  });
  const found = parsed(text);
  if (!isRecord(found)) throw refuse('a JSON object', found === undefined ? 'no JSON' : shown(found));
  const other = Object.keys(found).find((name) => !Object.hasOwn(FIELDS, name));
  if (other !== undefined) throw refuse(`fields of ${Object.keys(FIELDS).join(', ')}`, shown(other));
  const wrong = record(FIELDS)(found, '');
  if (wrong !== undefined) throw refuse(`${wrong.expected} for ${wrong.at}`, wrong.got);
  const {
    params,
    options = {},
    ...rest
  } = found as {
    readonly params: Readonly<Record<string, unknown>>;
    readonly options?: Readonly<Record<string, unknown>>;
  } & Pick<SweepRequest, 'trials' | 'search' | 'halving' | 'asynchronous' | 'steps' | 'minSteps'>;
  return {
    ...rest,
    parameters: Object.entries(params).map(([name, values]) => {
      if (typeof values !== 'string' && !Array.isArray(values))
        throw refuse(`a list or a text for ${name}`, shown(values));
      return parameterOf(name, values, known);
    }),
    options: Object.fromEntries(
      Object.entries(options).flatMap(([name, value]): [string, string | true][] => {
        if (value === false) return [];
        if (isRecord(value) || value === null) throw refuse(`a value of the option ${name}`, shown(value));
        return [[name, value === true ? true : Array.isArray(value) ? value.join(',') : String(value)]];
      }),
    ),
  };
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};
