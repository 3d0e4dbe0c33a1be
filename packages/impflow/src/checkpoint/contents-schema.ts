import { shown } from '@impflow/core';
import type { Option, Options } from '@impflow/core';
import { between, count, listOf, oneOf, optional, record, text, trueOrFalse, type Schema } from '../json/schema.ts';
import { mismatch } from '../options/check.ts';
import { LIMITS } from '../options/limits.ts';
import { OPTIONS } from '../options/options.ts';

/** Returns the schema of the value of an option in a checkpoint file. */
const schemaOf =
  (option: Option): Schema =>
  (value, at) => {
    const expected = mismatch(option, value);
    return expected === undefined ? undefined : { at, expected, got: shown(value) };
  };

/** Returns the schema of the complete options (including defaults) that a checkpoint stores. */
const settingsOf = (options: Options): Schema =>
  record({
    ...Object.fromEntries(Object.entries(options).map(([name, option]) => [name, optional(schemaOf(option))])),
    steps: optional(count()),
    horizon: optional(count()),
    workers: optional(count(1, LIMITS.workers)),
  });

const PROVENANCE = record({
  source: optional(text),
  hash: optional(text),
  rows: optional(record({ train: optional(count()), validation: optional(count()), test: optional(count()) })),
  created: optional(text),
  machine: optional(text),
});

const quantileList = listOf(between(-Infinity, Infinity));

/** Accepts ascending lists of numbers, the first of which may be -Infinity. */
const ascending: Schema = (value, at) => {
  const wrong = quantileList(value, at);
  if (wrong !== undefined) return wrong;
  const numbers = value as readonly number[];
  const i = numbers.findIndex((each, k) => k > 0 && each < numbers[k - 1]!);
  return i < 0
    ? undefined
    : {
        at: `${at}[${i}]`,
        expected: `a number of at least ${numbers[i - 1]}: ascending order`,
        got: shown(numbers[i]),
      };
};

/**
 * Returns the schema of all contents of a checkpoint except the spec and the weights. The schema accepts unknown
 * fields, because another program may have stored additional fields.
 *
 * @param options The options of the training.
 * @param more Schemas of fields that only some kinds of models have.
 */
export const contentsSchema = (options: Options, more: Readonly<Record<string, Schema>> = {}): Schema =>
  record({
    options: optional(settingsOf(options)),
    data: optional(record({ data: text, validation: optional(text), test: optional(text) })),
    program: optional(record({ backend: optional(text), plugin: optional(listOf(text)) })),
    provenance: optional(PROVENANCE),
    quantiles: optional(ascending),
    report: optional(record({})),
    ...more,
  });

/** Schema of `TableContents`. */
export const CONTENTS: Schema = contentsSchema(OPTIONS, {
  types: optional((value, at) => typesMismatch(value, at)),
  distinct: optional(trueOrFalse),
});

const TYPE = oneOf('string', 'boolean', 'bigint', 'date', 'number');

const typesMismatch: Schema = (value, at) =>
  typeof value === 'object' && value !== null
    ? Object.entries(value)
        .map(([name, type]) => TYPE(type, `${at}.${name}`))
        .find((wrong) => wrong !== undefined)
    : { at, expected: 'an object', got: shown(value) };
