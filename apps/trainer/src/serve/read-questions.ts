import type { ColumnSpec, Frame } from '@impflow/tables';
import type { RowEvent } from 'impflow';
import { fieldsOf, whole, wrong, type Fields } from './fields.ts';
import { assertRows, rowsOfBody } from './read-body.ts';

/** The contents of the body of `POST /impute`. */
export interface ImputeRequest {
  readonly rows: Frame;
  /** Number of completions of each row. */
  readonly draws: number;
  readonly seed: number;
  /** Event that the filled rows fulfil. */
  readonly given?: RowEvent;
}

/**
 * Reads the body of `POST /impute`: rows, or an object with the rows and options.
 *
 * @throws the errors of `rowsOfBody`; an error with HTTP status 400 for a wrong field, 413 for too many rows.
 */
export const imputeRequest = (body: unknown, columns: readonly ColumnSpec[], maxRows: number): ImputeRequest => {
  const fields = optionsOf(body, ['rows', 'draws', 'seed', 'given']);
  const rows = rowsOfBody(body, columns, maxRows);
  const draws = whole(fields['draws'] ?? 1, 'draws', 1);
  assertRows(rows.rows * draws, maxRows);
  return { rows, draws, seed: whole(fields['seed'] ?? 0, 'seed', 0), ...givenOf(fields) };
};

/** The contents of the body of `POST /drift`. */
export interface DriftRequest {
  readonly rows: Frame;
  /** Rows to compare with. Default: the test rows of the training. */
  readonly reference?: Frame;
  readonly alpha: number;
  readonly seed: number;
}

/**
 * Reads the body of `POST /drift`: rows, or an object with the rows and options.
 *
 * @throws the errors of `rowsOfBody`; an error with HTTP status 400 for a wrong field.
 */
export const driftRequest = (body: unknown, columns: readonly ColumnSpec[], maxRows: number): DriftRequest => {
  const fields = optionsOf(body, ['rows', 'reference', 'alpha', 'seed']);
  const { reference, alpha = 0.01 } = fields;
  if (typeof alpha !== 'number' || !(alpha > 0 && alpha < 1))
    throw wrong('alpha', 'a number above 0 and below 1', alpha);
  return {
    rows: rowsOfBody(body, columns, maxRows),
    ...(reference === undefined ? {} : { reference: rowsOfBody(reference, columns, maxRows) }),
    alpha,
    seed: whole(fields['seed'] ?? 0, 'seed', 0),
  };
};

/** Returns the fields of a body that is an object, and no fields for rows. */
const optionsOf = (body: unknown, names: readonly string[]): Fields =>
  typeof body === 'object' && body !== null && !Array.isArray(body) && !(body instanceof Uint8Array)
    ? fieldsOf(body, names)
    : {};

/** The contents of the body of `POST /probability`. */
export interface ProbabilityRequest {
  readonly event: RowEvent;
  readonly given?: RowEvent;
  readonly draws: number;
  readonly seed: number;
}

/** Range and default of the number of draws of `POST /probability`. The server does nothing else while it draws. */
const DRAWS = { least: 1000, usual: 10_000, most: 100_000 } as const;

/**
 * Reads the body of `POST /probability`. The events are checked where they are used.
 *
 * @throws an error with HTTP status 400 for a wrong field.
 */
export const probabilityRequest = (body: unknown): ProbabilityRequest => {
  const fields = fieldsOf(body, ['event', 'given', 'draws', 'seed']);
  return {
    event: eventOf(fields['event'], 'event'),
    ...givenOf(fields),
    draws: whole(fields['draws'] ?? DRAWS.usual, 'draws', DRAWS.least, DRAWS.most),
    seed: whole(fields['seed'] ?? 0, 'seed', 0),
  };
};

const givenOf = ({ given }: Fields): { readonly given?: RowEvent } =>
  given === undefined || given === null ? {} : { given: eventOf(given, 'given') };

const eventOf = (value: unknown, name: string): RowEvent => {
  if (typeof value === 'string' || (typeof value === 'object' && value !== null && !Array.isArray(value)))
    return value as RowEvent;
  throw wrong(name, 'an event, such as "age > 40" or {"age": {"above": 40}}', value);
};
