import type { DataSet, Frame } from '@impflow/tables';
import { describe, expect } from 'vitest';
import { expectAgreement } from './agree.ts';
import { laws, type Exceptions } from './law.ts';

/** Names of the laws, as keys of `except`. */
export type DataSetLaw =
  | 'has a description, a source and a license'
  | 'has the declared column names, all different'
  | 'has a cell for each row and column'
  | 'a cell is a number, a text or missing'
  | 'no number is infinite'
  | 'no column is constant'
  | 'few rows repeat'
  | 'gives the same rows at every call'
  | 'the caller may write into the rows';

/** Options of {@link testDataSet}. */
export interface DataSetSuite {
  /** Name of the data set, in the titles of the tests. */
  readonly name: string;
  /** Makes the data set. Called by each law. */
  readonly dataSet: () => DataSet;
  /**
   * Laws that this data set does not keep, each with the reason. The report shows these laws as skipped. Default none.
   */
  readonly except?: Exceptions<DataSetLaw>;
}

/** Registers the laws of data sets. Call this function at the top level of a vitest file. */
export const testDataSet = ({ name, dataSet, except = {} }: DataSetSuite): void => {
  const law = laws<DataSetLaw>(except);

  describe(`the data set ${name}`, () => {
    law('has a description, a source and a license', () => {
      const { description, source, license } = dataSet();
      for (const told of [description, source, license]) expect(told.trim()).not.toBe('');
    });

    law('has the declared column names, all different', async () => {
      const set = dataSet();
      expect(namesOf(await set.load())).toEqual([...set.columns]);
      expect(set.columns.length).toBeGreaterThan(0);
      expect(new Set(set.columns).size).toBe(set.columns.length);
      for (const column of set.columns) expect(column.trim()).not.toBe('');
    });

    law('has a cell for each row and column', async () => {
      const found = await dataSet().load();
      expect(found.rows).toBeGreaterThan(0);
      expect(found.source.trim(), 'the source of the rows').not.toBe('');
      for (const { name, numbers, texts, written } of found.columns) {
        expect(numbers, name).toBeInstanceOf(Float64Array);
        for (const cells of [numbers, texts, written]) expect(cells?.length ?? found.rows, name).toBe(found.rows);
      }
    });

    law('a cell is a number, a text or missing', async () => {
      for (const { name, numbers, texts, written } of (await dataSet().load()).columns) {
        for (const cells of [texts, written]) {
          const row = cells?.findIndex((cell) => cell !== undefined && (cell === '' || cell !== cell.trim())) ?? -1;
          if (row >= 0)
            expect.fail(
              `Row ${row}, column ${name}: expected a trimmed text or undefined, got ${JSON.stringify(cells![row])}.`,
            );
        }
        const both = texts?.findIndex((cell, i) => cell !== undefined && !Number.isNaN(numbers[i])) ?? -1;
        if (both >= 0)
          expect.fail(
            `Row ${both}, column ${name}: expected a number or a text, got ${numbers[both]} and ${texts![both]}.`,
          );
      }
    });

    law('no number is infinite', async () => {
      const found = await dataSet().load();
      for (const { name, numbers } of found.columns) {
        // The array `numbers` contains NaN for an empty cell and for a cell with text.
        const row = numbers.findIndex((value) => !Number.isFinite(value) && !Number.isNaN(value));
        if (row >= 0) expect.fail(`Row ${row}, column ${name}: expected a finite number, got ${numbers[row]!}.`);
      }
    });

    law('no column is constant', async () => {
      const found = await dataSet().load();
      const rows = rowsOf(found);
      for (const [j, column] of namesOf(found).entries())
        expect(new Set(rows.map((row) => row[j])).size, column).toBeGreaterThan(1);
    });

    // A density has no point masses. If many rows are equal, for example after rounding, the density of a flow gets a
    // narrow peak at each of these rows.
    law('few rows repeat', async () => {
      const found = await dataSet().load();
      const distinct = new Set(rowsOf(found).map((row) => row.join('\0'))).size;
      expect(1 - distinct / found.rows, 'share of rows that repeat an earlier one').toBeLessThan(0.05);
    });

    law('gives the same rows at every call', async () => {
      const set = dataSet();
      const once = await set.load();
      const same = (found: Frame, what: string): void => {
        expect(toldOf(found)).toEqual(toldOf(once));
        for (const [j, { name, numbers }] of found.columns.entries())
          expectAgreement(numbers, once.columns[j]!.numbers, { what: `${what}, ${name}`, width: 1 });
      };
      same(await set.load(), 'a second load');
      same(await dataSet().load(), 'another instance');
    });

    law('the caller may write into the rows', async () => {
      const set = dataSet();
      const first = await set.load();
      const before = first.columns.map((column) => ({
        numbers: column.numbers.slice(),
        texts: column.texts?.slice(),
        written: column.written?.slice(),
      }));
      for (const { numbers, texts, written } of first.columns) {
        numbers.fill(7);
        for (const cells of [texts, written]) (cells as (string | undefined)[] | undefined)?.fill('overwritten');
      }
      for (const [j, column] of (await set.load()).columns.entries()) {
        expectAgreement(column.numbers, before[j]!.numbers, { what: `the next load, ${column.name}`, width: 1 });
        for (const part of ['texts', 'written'] as const) {
          const row = column[part]?.findIndex((cell, i) => cell !== before[j]![part]?.[i]) ?? -1;
          if (row >= 0)
            expect.fail(
              `The next load, ${column.name}, row ${row} of \`${part}\`: expected ${before[j]![part]?.[row]}, ` +
                `got ${column[part]![row]}.`,
            );
        }
      }
    });
  });
};

const namesOf = ({ columns }: Frame): readonly string[] => columns.map(({ name }) => name);

/** Returns the cells of each row. A cell is a string or a number. */
const rowsOf = ({ columns, rows }: Frame): (string | number)[][] =>
  Array.from({ length: rows }, (_, row) => columns.map(({ numbers, texts }) => texts?.[row] ?? numbers[row]!));

/** Returns the table without the numbers of its columns and without `place`, the source of its rows. */
const toldOf = (found: Frame): object => {
  const { columns, place: _, ...rest } = found;
  return { ...rest, columns: columns.map(({ numbers: _numbers, ...column }) => column) };
};
