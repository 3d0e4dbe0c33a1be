import type { Frame } from '@impflow/tables';

/** A cell of a row. `null`, `undefined` and NaN are gaps. */
export type Cell = number | string | boolean | Date | bigint | null | undefined;

/** A row: cells by the names of their columns. */
export type AnyRow = Readonly<Record<string, Cell>>;

/** The constraint on the type of a row. An interface satisfies it, although it does not extend {@link AnyRow}. */
export type RowOf<Row> = { readonly [Name in keyof Row]: Cell };

/** Columns of equal length by name: arrays, or typed arrays. */
export type Columns<Row> = { readonly [Name in keyof Row]: ArrayLike<Row[Name]> };

/** A table with the shape of an Apache Arrow table. The type does not depend on the package of Arrow. */
export interface ArrowLike {
  /** The columns, in order. */
  readonly schema: { readonly fields: readonly { readonly name: string }[] };
  /** Returns the vector of a column: its `length`, its `type`, and `get`, which returns the cell of a row. */
  getChild(name: string): unknown;
}

/**
 * An array of rows. The type is an interface, because with `Row[]`, TypeScript would infer the type of a row from any
 * object of columns, as if the object were an array of its values.
 */
export interface RowList<Row> extends Iterable<Row> {
  /** Number of rows. */
  readonly length: number;
}

/**
 * A table whose type does not contain the type of its rows: the path of a file (Node), the address of a file, a `File`
 * or another `Blob`, an Apache Arrow table, or a `Frame` of `@impflow/tables`. Files have one of the
 * `readableExtensions` of `@impflow/tables`. A `Blob` is a CSV unless its name or its type says otherwise. In a page, a
 * string is an address, and files are `.csv` or `.tsv`.
 */
export type Source = string | URL | Blob | ArrowLike | Frame;

/**
 * A table in any of its forms: a {@link Source}, an array of objects, an object of columns, or arrays of objects
 * (chunks) from an iterable or an async iterable.
 *
 * @remarks A function whose result depends on `Row` needs an overload for `Source`, whose rows are `AnyRow`.
 */
export type Rows<Row = AnyRow> =
  | Source
  | RowList<Row>
  | Columns<Row>
  | AsyncIterable<RowList<Row>>
  | Iterable<RowList<Row>>;
