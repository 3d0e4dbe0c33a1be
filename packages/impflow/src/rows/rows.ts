import type { Frame } from '@impflow/tables';

/** A cell of a row. `null`, `undefined` and NaN are gaps (empty cells). */
export type Cell = number | string | boolean | Date | bigint | null | undefined;

/** A row: an object with column names as keys and cells as values. */
export type AnyRow = Readonly<Record<string, Cell>>;

/**
 * The constraint on the type of a row. An interface satisfies this constraint, although an interface does not extend
 * {@link AnyRow}.
 */
export type RowOf<Row> = { readonly [Name in keyof Row]: Cell };

/** A table as columns by name. The columns are arrays or typed arrays of equal length. */
export type Columns<Row> = { readonly [Name in keyof Row]: ArrayLike<Row[Name]> };

/**
 * A table with the shape of an Apache Arrow table. The type is declared without the Arrow package, which need not be
 * installed.
 */
export interface ArrowLike {
  /** The schema, which lists the columns in order. */
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
 * `readableExtensions` of `@impflow/tables`. A `Blob` is read as CSV if neither its name nor its type defines another
 * format. In a web page, a string is an address, and files of Parquet and NumPy cannot be read.
 */
export type Source = string | URL | Blob | ArrowLike | Frame;

/**
 * A table in any accepted form: a {@link Source}, an array of objects, an object of columns, or arrays of objects
 * (chunks) from an iterable or an async iterable.
 *
 * @remarks A function whose result type depends on `Row` needs a second overload for `Source`, whose rows have the type
 * `AnyRow`.
 */
export type Rows<Row = AnyRow> =
  | Source
  | RowList<Row>
  | Columns<Row>
  | AsyncIterable<RowList<Row>>
  | Iterable<RowList<Row>>;
