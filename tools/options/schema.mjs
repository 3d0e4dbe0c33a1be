// Makes the JSON schema of a run: the source of its rows, and the options of `fit`.
import { formatsText } from './formats.mjs';
import { LIMITS, meaningOf, namesOf, OPTIONS } from './records.mjs';

/** @import { Option } from '../../packages/core/dist/index.js' */

/**
 * Returns the schema of the values of an option.
 *
 * @param {Option} option
 * @returns {Readonly<Record<string, unknown>>}
 */
const valuesOf = (option) => {
  switch (option.type) {
    case 'real':
      return {
        type: 'number',
        ...(option.above === undefined ? {} : { exclusiveMinimum: option.above }),
        ...(option.below === undefined ? {} : { exclusiveMaximum: option.below }),
      };
    case 'count':
      return { type: 'integer', minimum: option.least, maximum: option.most ?? Number.MAX_SAFE_INTEGER };
    case 'counts':
      return {
        type: 'array',
        items: { type: 'integer', minimum: option.least, maximum: option.most },
        minItems: 1,
        maxItems: LIMITS.layers,
      };
    case 'text':
      return { type: 'string' };
    case 'texts':
      return { type: 'array', items: { type: 'string' } };
    case 'choice':
      return { enum: option.values };
    case 'switch':
      return { type: 'boolean' };
    case 'method':
      return { $ref: '#/$defs/method', examples: namesOf(option) };
  }
};

/** @param {Option} option */
const propertyOf = (option) => ({
  description: `${meaningOf(option)}.${option.otherwise === undefined ? '' : ` Default: ${option.otherwise}.`}`,
  ...valuesOf(option),
  ...('default' in option && option.default !== undefined ? { default: option.default } : {}),
});

const ROWS = `a ${formatsText()} file, as a path or an address`;

const SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'https://unpkg.com/impflow/schema.json',
  title: 'A training of impflow',
  description: 'The rows of a table, and the options of `fit`. All but `data` may be left out.',
  type: 'object',
  properties: {
    data: { description: `The rows: ${ROWS}.`, type: 'string' },
    validation: {
      description: `Rows to validate on: ${ROWS}. Default: a random tenth of the rows, but at most 4,000.`,
      type: 'string',
    },
    test: {
      description: `Rows of the final test: ${ROWS}. Default: a random tenth of the rows, but at most 10,000.`,
      type: 'string',
    },
    workers: {
      description: 'Threads that share each step. `auto`: one per core in Node, one in a page.',
      anyOf: [{ const: 'auto' }, { type: 'integer', minimum: 1, maximum: LIMITS.workers }],
      default: 'auto',
    },
    ...Object.fromEntries(Object.entries(OPTIONS).map(([name, option]) => [name, propertyOf(option)])),
  },
  required: ['data'],
  additionalProperties: false,
  $defs: {
    method: {
      description:
        'A method by its name, or with options: `anderson`, `anderson:memory=8` or `{ "name": "anderson", "options": { "memory": 8 } }`. Plugins add names.',
      anyOf: [
        { type: 'string' },
        { type: 'object', properties: { name: { type: 'string' }, options: { type: 'object' } }, required: ['name'] },
      ],
    },
  },
};

/** Returns the text of `packages/impflow/schema.json`. */
export const schemaText = () => `${JSON.stringify(SCHEMA, null, 2)}\n`;
