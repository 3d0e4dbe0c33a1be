import { isRecord } from '../../src/json/schema.ts';

/** A JSON schema with the keywords that the schema of a run has. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
}

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  number: (value) => typeof value === 'number',
  integer: (value) => Number.isInteger(value),
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  array: Array.isArray,
  object: isRecord,
};

type Keyword = (value: unknown, argument: never, whole: JsonSchema) => boolean;

/**
 * Returns whether a value satisfies a keyword. A keyword that does not apply to the type of the value counts as
 * satisfied.
 */
const KEYWORDS: Readonly<Record<string, Keyword>> = {
  type: (value, type: string) => TYPES[type]!(value),
  enum: (value, values: readonly unknown[]) => values.includes(value),
  const: (value, other: unknown) => value === other,
  minimum: (value, least: number) => typeof value !== 'number' || value >= least,
  maximum: (value, most: number) => typeof value !== 'number' || value <= most,
  exclusiveMinimum: (value, least: number) => typeof value !== 'number' || value > least,
  exclusiveMaximum: (value, most: number) => typeof value !== 'number' || value < most,
  minItems: (value, least: number) => !Array.isArray(value) || value.length >= least,
  maxItems: (value, most: number) => !Array.isArray(value) || value.length <= most,
  items: (value, each: JsonSchema, whole) => !Array.isArray(value) || value.every((item) => isValid(each, item, whole)),
  required: (value, names: readonly string[]) => !isRecord(value) || names.every((name) => Object.hasOwn(value, name)),
  properties: (value, properties: Readonly<Record<string, JsonSchema>>, whole) =>
    !isRecord(value) ||
    Object.entries(properties).every(([name, one]) => !Object.hasOwn(value, name) || isValid(one, value[name], whole)),
  anyOf: (value, all: readonly JsonSchema[], whole) => all.some((one) => isValid(one, value, whole)),
  $ref: (value, path: string, whole) => isValid(whole.$defs![path.split('/').at(-1)!]!, value, whole),
};

/** Keywords that have no effect on validation, because they only describe a value for readers. */
const ANNOTATIONS = ['description', 'default', 'examples'];

/**
 * Returns whether a JSON value is valid under a schema. `whole` is the schema that contains this schema and the
 * definitions.
 *
 * @throws for a keyword that is not in `KEYWORDS`.
 */
export const isValid = (schema: JsonSchema, value: unknown, whole: JsonSchema): boolean =>
  Object.entries(schema).every(([keyword, argument]) => {
    if (ANNOTATIONS.includes(keyword)) return true;
    if (KEYWORDS[keyword] === undefined) throw new Error(`unknown keyword ${keyword}`);
    return KEYWORDS[keyword](value, argument as never, whole);
  });
