import { shown } from '@impflow/core';

/** The reason why a value of a file does not fit its schema. */
export interface Mismatch {
  /** Path of the value, such as `options.batch`. */
  readonly at: string;
  /** Description of the values that the schema accepts. */
  readonly expected: string;
  /** A short string that describes the value. */
  readonly got: string;
}

/** Checks a value of a file. Returns undefined if the value fits the schema. */
export type Schema = (value: unknown, at: string) => Mismatch | undefined;

const only =
  (expected: string, fits: (value: unknown) => boolean): Schema =>
  (value, at) =>
    fits(value) ? undefined : { at, expected, got: shown(value) };

/** Accepts strings. */
export const text: Schema = only('a string', (value) => typeof value === 'string');
/** Accepts true and false. */
export const trueOrFalse: Schema = only('true or false', (value) => typeof value === 'boolean');
/** Accepts only finite numbers, because JSON numbers beyond float64 are read as infinite. */
export const real: Schema = only('a finite number', Number.isFinite);
/** Accepts whole numbers from `least` to `most`. */
export const count = (least = 0, most: number = Number.MAX_SAFE_INTEGER): Schema =>
  only(
    most === Number.MAX_SAFE_INTEGER
      ? `a whole number of at least ${least}`
      : `a whole number from ${least} to ${most}`,
    (value) => Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most,
  );
/** Accepts numbers from `low` to `high`, inclusive. */
export const between = (low: number, high: number): Schema =>
  only(`a number from ${low} to ${high}`, (value) => typeof value === 'number' && value >= low && value <= high);
/** Accepts only the given strings. */
export const oneOf = (...names: readonly string[]): Schema =>
  only(`one of ${names.join(', ')}`, (value) => names.includes(value as string));
/** Accepts `undefined`, and the values that the given schema accepts. */
export const optional =
  (schema: Schema): Schema =>
  (value, at) =>
    value === undefined ? undefined : schema(value, at);
/**
 * Accepts `null`, which JSON contains in place of numbers that are not finite, and the values that the given schema
 * accepts.
 */
export const nullable =
  (schema: Schema): Schema =>
  (value, at) =>
    value === null ? undefined : schema(value, at);

/** Accepts lists whose items the given schema accepts. */
export const listOf =
  (schema: Schema): Schema =>
  (value, at) => {
    if (!Array.isArray(value)) return { at, expected: 'a list', got: shown(value) };
    for (const [i, item] of value.entries()) {
      const wrong = schema(item, `${at}[${i}]`);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  };

/** Accepts objects with the given fields. Other fields are allowed. */
export const record =
  (fields: Readonly<Record<string, Schema>>): Schema =>
  (value, at) => {
    if (!isRecord(value)) return { at, expected: 'an object', got: shown(value) };
    for (const [name, schema] of Object.entries(fields)) {
      const wrong = schema(Object.hasOwn(value, name) ? value[name] : undefined, at === '' ? name : `${at}.${name}`);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  };

/** Accepts objects with exactly the given fields. Other fields are refused. */
export const closedRecord =
  (fields: Readonly<Record<string, Schema>>): Schema =>
  (value, at) => {
    const extra = isRecord(value) ? Object.keys(value).find((name) => !Object.hasOwn(fields, name)) : undefined;
    if (extra === undefined) return record(fields)(value, at);
    return {
      at: at === '' ? extra : `${at}.${extra}`,
      expected: `one of ${Object.keys(fields).join(', ')}`,
      got: shown(extra),
    };
  };

/** Returns whether a value is an object. `null` and lists are not objects here. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Returns whether objects and lists are nested at most `most` levels deep. Deeper nesting may overflow the stack of
 * recursive functions, such as `JSON.stringify`.
 */
export const isShallow = (value: unknown, most: number): boolean => {
  let level: readonly unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > most) return false;
    level = level.flatMap((each) =>
      typeof each === 'object' && each !== null
        ? Object.values(each).filter((inner) => typeof inner === 'object' && inner !== null)
        : [],
    );
  }
  return true;
};
