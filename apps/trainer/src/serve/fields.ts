import { shown } from '@impflow/core';
import { refusal } from './refusal.ts';

/** Fields of the body of a request by name. */
export type Fields = Readonly<Record<string, unknown>>;

/**
 * Returns the fields of a body that is an object.
 *
 * @throws an error with HTTP status 400 for a body of another kind, and for an unknown field.
 */
export const fieldsOf = (body: unknown, names: readonly string[]): Fields => {
  if (body instanceof Uint8Array || typeof body !== 'object' || body === null || Array.isArray(body))
    throw refusal(400, 'Wrong body', { expected: `an object with ${names.join(', ')}`, got: 'another value' });
  const unknown = Object.keys(body).find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw refusal(400, `There is no field "${unknown}"`, { expected: names.join(', '), got: unknown });
  return body as Fields;
};

/** @throws an error with HTTP status 400 for a value that is not a whole number between `least` and `most`. */
export const whole = (value: unknown, name: string, least: number, most: number = Number.MAX_SAFE_INTEGER): number => {
  if (Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most) return value as number;
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  throw wrong(name, `a whole number ${range}`, value);
};

/** Returns the error with HTTP status 400 for a wrong value of a field. */
export const wrong = (name: string, expected: string, got: unknown): Error =>
  refusal(400, `Wrong value of ${name}`, {
    expected,
    got:
      got === null
        ? 'null'
        : typeof got === 'object'
          ? 'an object'
          : typeof got === 'string'
            ? shown(got)
            : String(got),
  });
