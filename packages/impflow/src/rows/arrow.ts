import { FlowError } from '@impflow/core';
import type { CellList } from '@impflow/tables';
import type { ArrowLike } from './rows.ts';
import { AT } from './wrong-rows.ts';

/** A column of Apache Arrow. */
export interface Vector {
  readonly length: number;
  /** Type of the cells. */
  readonly type?: VectorType;
  get(row: number): unknown;
}

/** The fields of an Apache Arrow type that this module reads. */
interface VectorType {
  /** Number that identifies the type in the Arrow format. */
  readonly typeId?: number;
  /** Number of digits after the decimal point. Only decimals have this field. */
  readonly scale?: number;
  /** Type of the entries of a dictionary. Only dictionaries have this field. */
  readonly dictionary?: unknown;
}

/** Values of `typeId` in the JavaScript library of Arrow. */
const [DICTIONARY, DECIMAL, DATE, TIMESTAMP] = [-1, 7, 8, 10];

/** Returns whether a value has the shape of an Apache Arrow table. */
export const isArrow = (table: object): table is ArrowLike =>
  'getChild' in table &&
  typeof table.getChild === 'function' &&
  'schema' in table &&
  Array.isArray((table.schema as { readonly fields?: unknown } | null | undefined)?.fields);

/** Returns whether a value has the shape of an Apache Arrow column. */
export const isVector = (column: unknown): column is Vector =>
  typeof column === 'object' &&
  column !== null &&
  typeof (column as Partial<Vector>).get === 'function' &&
  typeof (column as Partial<Vector>).length === 'number';

/**
 * Returns the columns of an Apache Arrow table. Timestamps and dates are converted to `Date` objects, and decimals to
 * numbers.
 *
 * @throws `input` if the table lacks a column of its schema.
 */
export const arrowLists = (table: ArrowLike): readonly CellList[] =>
  table.schema.fields.map(({ name }) => {
    const vector = table.getChild(name);
    if (isVector(vector)) return vectorList(name, vector);
    throw new FlowError('input', AT, 'Wrong table of Arrow', {
      expected: 'a vector for each field of its schema',
      got: 'a field without a vector',
      hint: 'Give a table of Apache Arrow.',
    });
  });

/** Converts a column of Apache Arrow to a list of cells. */
export const vectorList = (name: string, vector: Vector): CellList => {
  const { length, type = {} } = vector;
  const { typeId, scale = 0 } = type.typeId === DICTIONARY ? ((type.dictionary ?? {}) as VectorType) : type;
  const cell = (row: number): unknown => vector.get(row);
  if (typeId === TIMESTAMP || typeId === DATE) return { name, length, cell: (row) => dateOf(cell(row)) };
  if (typeId === DECIMAL) return { name, length, cell: (row) => decimalOf(cell(row), scale) };
  return { name, length, cell };
};

/** Converts a time to a `Date`. The Arrow library returns milliseconds for every unit of time. */
const dateOf = (value: unknown): unknown =>
  typeof value === 'number' || typeof value === 'bigint' ? new Date(Number(value)) : value;

/**
 * Converts a decimal, given by its 32-bit words in two's complement with the lowest word first, to a number. A whole
 * number that a double cannot represent is converted to a bigint.
 */
const decimalOf = (value: unknown, scale: number): unknown => {
  if (!ArrayBuffer.isView(value)) return value;
  const words = value as Uint32Array;
  let bits = 0n;
  for (let i = words.length - 1; i >= 0; i--) bits = (bits << 32n) | BigInt(words[i]!);
  const whole = BigInt.asIntN(32 * words.length, bits);
  if (scale === 0) return Number.isSafeInteger(Number(whole)) ? Number(whole) : whole;
  return Number(`${whole}e${-scale}`);
};
