import { readFileSync } from 'node:fs';
import type { FlowError, Option } from '@impflow/core';
import { describe, expect, it } from 'vitest';
import { fit, OPTIONS, type FitOptions } from '../../src/index.ts';
import { checkOptions } from '../../src/options/check.ts';
import { isValid, type JsonSchema } from './json-schema.ts';

const SCHEMA = JSON.parse(readFileSync(new URL('../../schema.json', import.meta.url), 'utf8')) as JsonSchema;
const PROPERTIES = SCHEMA['properties'] as Readonly<Record<string, JsonSchema>>;

/**
 * Options of `fit` that are not in `OPTIONS`. `PLAIN` options can be stored in a JSON file; `CODE` options can be
 * passed only by code.
 */
const PLAIN = ['validation', 'test', 'workers'] as const;
const CODE = ['plugins', 'backend', 'onEvent', 'signal'] as const;

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
type Named = keyof typeof OPTIONS | (typeof PLAIN)[number] | (typeof CODE)[number];

describe('names of options', () => {
  it('the type `FitOptions`, the checks of `fit`, and schema.json contain the same option names', async () => {
    const typed: Same<keyof FitOptions, Named> = true;
    expect(typed).toBe(true);
    const accepted = await fit([{ x: 1 }], { stepz: 1 } as FitOptions).then(
      () => '',
      (error: FlowError) => error.expected ?? '',
    );
    const names = [...Object.keys(OPTIONS), ...PLAIN, ...CODE];
    expect(
      accepted
        .replace(/^one of /, '')
        .split(', ')
        .sort(),
    ).toEqual([...names].sort());
    expect(Object.keys(PROPERTIES).sort()).toEqual(['data', ...PLAIN, ...Object.keys(OPTIONS)].sort());
  });
});

const eights = (length: number): readonly number[] => Array.from({ length }, () => 8);

const NUMBERS = [0, 1, 2, -1, 0.5, 1.5, 1e-9, 300, 10_000, 10_001, 2 ** 24, 2 ** 24 + 1, 2 ** 53 - 1, 2 ** 53];
const LISTS = [[], [0], [1], [64, 64], [1.5], [2 ** 20], [2 ** 20 + 1], eights(1024), eights(1025), ['a'], ['a', 1]];
const METHODS = [{}, { name: 'adam' }, { name: 1 }, { name: 'adam', options: {} }, { name: 'adam', options: [] }];

/** Values at and near the limits of all options, and values of various types. */
const VALUES: readonly unknown[] = [
  ...NUMBERS,
  '',
  'a',
  'anderson:memory=8',
  true,
  false,
  null,
  ...Object.values<Option>(OPTIONS).flatMap((option) => ('values' in option ? option.values : [])),
  ...LISTS,
  ...METHODS,
];

describe('the schema of a run', () => {
  it.each(Object.keys(OPTIONS))('for the option %s, schema.json accepts the values that `fit` accepts', (name) => {
    const accepts = (value: unknown): boolean => {
      try {
        checkOptions({ [name]: value }, OPTIONS);
        return true;
      } catch {
        return false;
      }
    };
    expect(PROPERTIES, 'schema.json is out of date: npm run options').toHaveProperty(name);
    const valid = VALUES.filter((value) => isValid(PROPERTIES[name]!, value, SCHEMA));
    expect(valid).toEqual(VALUES.filter(accepts));
    expect(valid.length).toBeGreaterThan(0);
  });

  it('schema.json contains a description and a valid default of each option', () => {
    for (const { description, default: standard, ...schema } of Object.values(PROPERTIES)) {
      expect(description).toMatch(/^[A-Z`].*\.$/);
      expect(standard === undefined || isValid(schema, standard, SCHEMA)).toBe(true);
    }
  });
});
