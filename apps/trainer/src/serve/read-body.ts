import { shown } from '@impflow/core';
import { frameOf, parseFrame, readingFor, type Frame, type ColumnSpec } from '@impflow/tables';
import { refusal } from './refusal.ts';

const BODY = 'the body';

/**
 * Reads the rows of the body of a request. The body is the bytes of a CSV, an array of objects, or an object with such
 * an array in the field `rows`. Columns that the model does not have are left out.
 *
 * @throws `input` for a body of another kind, for a body without rows, for missing columns, or for invalid cells; an
 * error with HTTP status 413 for too many rows.
 */
export const rowsOfBody = (body: unknown, columns: readonly ColumnSpec[], maxRows: number): Frame => {
  const { categories } = readingFor(columns);
  const frame =
    body instanceof Uint8Array ? parseFrame(BODY, body, { categories }) : frameOfJson(body, columns, maxRows);
  assertRows(frame.rows, maxRows);
  const missing = columns.filter(({ name }) => !frame.columns.some((column) => column.name === name));
  if (missing.length > 0)
    throw lacks(
      missing,
      frame.columns.map(({ name }) => name),
    );
  return frame;
};

/** @throws an error with HTTP status 413 for too many rows. */
export const assertRows = (rows: number, maxRows: number): void => {
  if (rows > maxRows)
    throw refusal(413, 'Too many rows', {
      expected: `at most ${maxRows} in a request`,
      got: shown(rows),
      hint: 'Send them in parts, or start the server with a larger --max-rows.',
    });
};

type Objects = readonly Readonly<Record<string, unknown>>[];

const frameOfJson = (body: unknown, columns: readonly ColumnSpec[], maxRows: number): Frame => {
  const rows = Array.isArray(body) ? body : (body as { readonly rows?: unknown } | null | undefined)?.rows;
  if (!Array.isArray(rows))
    throw refusal(400, 'No rows in the body', {
      expected: 'an array of objects, or {"rows": [...]}',
      got:
        body === undefined
          ? 'nothing'
          : body === null
            ? 'null'
            : `${typeof body === 'object' ? 'an' : 'a'} ${typeof body}`,
      hint: 'Give each row as an object with a value for each column.',
    });
  assertRows(rows.length, maxRows);
  // Drops the columns that are not columns of the model.
  const known = rows.map((row: unknown) =>
    typeof row === 'object' && row !== null && !Array.isArray(row)
      ? Object.fromEntries(
          columns.flatMap(({ name }) => (Object.hasOwn(row, name) ? [[name, (row as Objects[number])[name]]] : [])),
        )
      : row,
  ) as Objects;
  const first = (rows as readonly unknown[])[0];
  // No row has a column of the model, so no frame can be made. An error that lists the missing columns is more helpful
  // than the error of `frameOf`.
  if (
    known.length > 0 &&
    known.every((row) => typeof row === 'object' && row !== null && Object.keys(row).length === 0)
  )
    throw lacks(columns, Object.keys(first as object));
  return frameOf(known, BODY, { categories: readingFor(columns).categories });
};

const MOST = 20;

const lacks = (missing: readonly ColumnSpec[], given: readonly string[]): Error =>
  refusal(400, `The rows lack ${missing.length === 1 ? 'a column' : `${missing.length} columns`} of the model`, {
    expected: missing.map(({ name }) => name).join(', '),
    got: given.length === 0 ? 'none' : `${given.slice(0, MOST).join(', ')}${given.length > MOST ? ', …' : ''}`,
    hint: 'Give every column; a cell may be null.',
  });
