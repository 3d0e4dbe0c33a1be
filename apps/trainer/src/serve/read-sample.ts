import { assertTemperature, frameOf, readingFor, type Frame, type ColumnSpec } from '@impflow/tables';
import { fieldsOf, whole, wrong } from './fields.ts';
import { assertRows } from './read-body.ts';
import { refusal } from './refusal.ts';

/** The contents of the body of `POST /sample`. */
export interface SampleRequest {
  /** Number of rows to draw. */
  readonly rows: number;
  readonly seed: number;
  readonly temperature: number;
  /** Conditions: one row for each draw, or one row for all draws. */
  readonly given?: Frame;
}

const NAMES = ['n', 'seed', 'temperature', 'given'] as const;
/**
 * Default numbers of draws. The command `sample` has the same defaults. `one` is the total number of draws if there are
 * no conditions or one row of conditions. `each` is the number of draws for each of several rows of conditions.
 */
const COUNT = { one: 1000, each: 1 } as const;

/**
 * Reads the body of `POST /sample`.
 *
 * @throws an error with HTTP status 400 for a wrong field, 413 for too many rows.
 */
export const sampleRequest = (body: unknown, columns: readonly ColumnSpec[], maxRows: number): SampleRequest => {
  const fields = fieldsOf(body ?? {}, NAMES);
  const conditions = givenOf(fields['given'], columns);
  const each = whole(
    fields['n'] ?? ((conditions?.rows ?? 1) === 1 ? Math.min(COUNT.one, maxRows) : COUNT.each),
    'n',
    1,
  );
  const rows = each * (conditions?.rows ?? 1);
  assertRows(rows, maxRows);
  const temperature = fields['temperature'] ?? 1;
  if (typeof temperature !== 'number') throw wrong('temperature', 'a number', temperature);
  assertTemperature(temperature, 'serve');
  return {
    rows,
    seed: whole(fields['seed'] ?? 0, 'seed', 0),
    temperature,
    ...(conditions === undefined
      ? {}
      : { given: conditions.rows === 1 ? conditions.frame(1) : conditions.frame(each) }),
  };
};

interface Conditions {
  readonly rows: number;
  /** Returns the rows of conditions. Each row is repeated `times` times. */
  frame(times: number): Frame;
}

const givenOf = (given: unknown, columns: readonly ColumnSpec[]): Conditions | undefined => {
  const names = columns.filter((column) => column.given === true).map(({ name }) => name);
  if (given === undefined && names.length === 0) return undefined;
  const expected = `values of ${names.join(', ')}`;
  if (given === undefined)
    throw refusal(400, 'The conditions are missing', { expected, got: 'none', hint: 'Set the field given.' });
  if (names.length === 0)
    throw refusal(400, 'The model has no conditions', {
      expected: 'no field given',
      got: 'one',
      hint: 'Leave out the field given.',
    });
  const rows: readonly unknown[] = Array.isArray(given) ? given : [given];
  for (const row of rows) {
    if (typeof row !== 'object' || row === null || Array.isArray(row))
      throw wrong('given', `an object with ${expected}`, row);
    const other = Object.keys(row).find((name) => !names.includes(name));
    if (other !== undefined)
      throw refusal(400, `"${other}" is not a condition of the model`, { expected: names.join(', '), got: other });
    const missing = names.find((name) => !Object.hasOwn(row, name));
    if (missing !== undefined)
      throw refusal(400, `The condition "${missing}" is missing`, {
        expected,
        got: Object.keys(row).join(', ') || 'none',
      });
  }
  const objects = rows as readonly Readonly<Record<string, unknown>>[];
  return {
    rows: rows.length,
    frame: (times) =>
      frameOf(
        objects.flatMap((row) => Array.from({ length: times }, () => row)),
        'given',
        { categories: readingFor(columns).categories },
      ),
  };
};
