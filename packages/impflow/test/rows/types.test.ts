import { tableFromArrays } from 'apache-arrow';
import type { AnyRow, RowOf, Rows, Source } from 'impflow';
import { frameOfRows } from 'impflow/run';
import { expect, expectTypeOf, it } from 'vitest';
import { penguins, type Penguin } from './fixtures.ts';

// Example of a function whose result type depends on the type of the rows.
function rowOf<Row extends RowOf<Row> = AnyRow>(rows: Source): readonly Row[];
function rowOf<Row extends RowOf<Row> = AnyRow>(rows: Rows<Row>): readonly Row[];
function rowOf(): readonly never[] {
  return [];
}

it('TypeScript infers the row type from every form of rows whose type contains the row type', () => {
  expectTypeOf(rowOf(penguins)).toEqualTypeOf<readonly Penguin[]>();
  expectTypeOf(rowOf([{ a: 1, b: 'x' }])).toEqualTypeOf<readonly { a: number; b: string }[]>();
  const columns = { a: Float64Array.of(1), b: penguins.map(({ seen }) => seen) };
  expectTypeOf(rowOf(columns)).toEqualTypeOf<readonly { a: number; b: Date }[]>();
  const arriving = async function* () {
    yield await Promise.resolve(penguins);
  };
  expectTypeOf(rowOf(arriving())).toEqualTypeOf<readonly Penguin[]>();
  expectTypeOf(rowOf<Penguin>([penguins, penguins])).toEqualTypeOf<readonly Penguin[]>();
  expectTypeOf(rowOf([] as AnyRow[])).toEqualTypeOf<readonly AnyRow[]>();
});

it('TypeScript infers `AnyRow` from paths, blobs and Arrow tables if the program does not name a row type', () => {
  expectTypeOf(rowOf<Penguin>('penguins.csv')).toEqualTypeOf<readonly Penguin[]>();
  expectTypeOf(rowOf('penguins.csv')).toEqualTypeOf<readonly AnyRow[]>();
  expectTypeOf(rowOf(new URL('http://127.0.0.1/a.csv'))).toEqualTypeOf<readonly AnyRow[]>();
  expectTypeOf(rowOf(new Blob())).toEqualTypeOf<readonly AnyRow[]>();
  expectTypeOf(rowOf(tableFromArrays({ a: Int32Array.of(1) }))).toEqualTypeOf<readonly AnyRow[]>();
});

it('values that are not rows are refused by TypeScript and at run time', async () => {
  // @ts-expect-error A number.
  await expect(frameOfRows(3)).rejects.toThrow('a number');
  // @ts-expect-error One row.
  await expect(frameOfRows({ a: 1 })).rejects.toThrow('one object');
  // @ts-expect-error A promise.
  await expect(frameOfRows(Promise.resolve(penguins))).rejects.toThrow('a promise');
  // @ts-expect-error A nested value.
  await expect(frameOfRows([{ a: [1] }])).rejects.toThrow('cannot be a cell');
});
