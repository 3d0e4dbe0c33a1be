import { fileBytes, FlowError, shown } from '@impflow/core';
import { SEARCHES, type Parameter, type SweepRequest } from '@impflow/jobs';
import { count, isRecord, oneOf, optional, record, trueOrFalse, type Schema } from 'impflow/run';
import { optionOf } from '../terminal/flags.ts';
import { parameterOf, valueOf } from './parameter-flag.ts';

/** Names of the settings of a sweep: number and length of the trials, search and halving. */
export const SWEEP_NUMBERS = ['trials', 'search', 'halving', 'asynchronous', 'steps', 'minSteps'] as const;

/** Settings of a sweep. */
export type SweepNumbers = Pick<SweepRequest, (typeof SWEEP_NUMBERS)[number]>;

/** Contents of a JSON file that describes a sweep. */
interface SweepFile {
  readonly parameters: readonly Parameter[];
  /** Options that all trials have, by their names in code, including `data`, `validation`, `test` and `backend`. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly numbers: SweepNumbers;
}

const HALVING: Schema = (value, at) =>
  value === undefined || value === false || (Number.isSafeInteger(value) && (value as number) >= 2)
    ? undefined
    : { at, expected: 'a whole number of at least 2, or false', got: shown(value) };

const fields = (): Readonly<Record<string, Schema>> => ({
  params: record({}),
  options: optional(record({})),
  trials: optional(count(1)),
  search: optional(oneOf(...SEARCHES)),
  halving: HALVING,
  asynchronous: optional(trueOrFalse),
  steps: optional(count(1)),
  minSteps: optional(count(1)),
});

/**
 * Reads a sweep from a JSON file. The field `params` has a list or an interval such as `"log:1e-4:1e-2"` for each
 * parameter. The field `options` has the options of all trials by their names. Further fields are `trials`, `search`,
 * `halving`, `asynchronous`, `steps` and `minSteps`.
 *
 * @throws `input` for a file of another form; `option` for values that `train` refuses.
 */
export const readSweepFile = async (path: string): Promise<SweepFile> => {
  const refuse = (expected: string, got: string, cause?: unknown): FlowError =>
    new FlowError('input', 'cli', `${path} does not describe a sweep`, {
      expected,
      got,
      cause,
      hint: 'Write for example {"params": {"lr": [0.001, 0.003]}, "options": {"data": "moons"}}.',
    });
  const found = parsed((await fileBytes('cli', path, { expected: 'a JSON file' })).toString('utf8'));
  if (!isRecord(found)) throw refuse('a JSON object', found === undefined ? 'no JSON' : shown(found));
  const schemas = fields();
  const other = Object.keys(found).find((name) => !Object.hasOwn(schemas, name));
  if (other !== undefined) throw refuse(`fields of ${Object.keys(schemas).join(', ')}`, shown(other));
  const wrong = record(schemas)(found, '');
  if (wrong !== undefined) throw refuse(`${wrong.expected} for ${wrong.at}`, wrong.got);
  const {
    params,
    options = {},
    ...numbers
  } = found as {
    readonly params: Readonly<Record<string, unknown>>;
    readonly options?: Readonly<Record<string, unknown>>;
  } & SweepNumbers;
  return {
    numbers,
    parameters: Object.entries(params).map(([name, values]) => {
      if (typeof values !== 'string' && !Array.isArray(values))
        throw refuse(`a list or a text for ${name}`, shown(values));
      return parameterOf(optionOf(name), values);
    }),
    options: Object.fromEntries(
      Object.entries(options).map(([name, value]) => [optionOf(name), valueOf(optionOf(name), value)]),
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
