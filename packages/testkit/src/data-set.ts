import type { DataSet, Frame, Table } from '@impflow/tables';
import { describe, expect } from 'vitest';
import { expectAgreement } from './agree.ts';
import { laws, type Exceptions } from './law.ts';

/** Names of the laws, as keys of `except`. */
export type DataSetLaw =
  | 'says what it is, whose it is, and under which terms'
  | 'columns have names of their own'
  | 'as many numbers as rows and columns'
  | 'every number is finite'
  | 'no column is constant'
  | 'hardly any row comes twice'
  | 'gives the same rows at every call'
  | 'the caller may write into the rows';

/** As `isFrame` of `@impflow/tables`, whose readers of files a page would load for it. */
const isFrame = (rows: Table | Frame): rows is Frame => 'place' in rows;

/** Options of {@link testDataSet}. */
export interface DataSetSuite {
  /** Name of the data set, in the titles of the tests. */
  readonly name: string;
  /** Makes the data set. Called by each law. */
  readonly dataSet: () => DataSet;
  /** Laws that this data set does not keep, each with the reason. The report shows them as skipped. Default none. */
  readonly except?: Exceptions<DataSetLaw>;
}

/** Registers the laws of data sets. Call it at the top level of a vitest file. */
export const testDataSet = ({ name, dataSet, except = {} }: DataSetSuite): void => {
  const law = laws<DataSetLaw>(except);

  describe(`the data set ${name}`, () => {
    law('says what it is, whose it is, and under which terms', () => {
      const { description, source, license } = dataSet();
      for (const told of [description, source, license]) expect(told.trim()).not.toBe('');
    });

    law('columns have names of their own', async () => {
      const set = dataSet();
      expect(namesOf(await set.load())).toEqual([...set.columns]);
      expect(set.columns.length).toBeGreaterThan(0);
      expect(new Set(set.columns).size).toBe(set.columns.length);
      for (const column of set.columns) expect(column.trim()).not.toBe('');
    });

    law('as many numbers as rows and columns', async () => {
      const found = await dataSet().load();
      expect(found.rows).toBeGreaterThan(0);
      expect(found.source.trim(), 'the source of the rows').not.toBe('');
      if (!isFrame(found)) {
        expect(found.values).toBeInstanceOf(Float32Array);
        expect(found.values.length).toBe(found.rows * found.columns.length);
        return;
      }
      for (const { name, numbers, texts, written } of found.columns) {
        expect(numbers, name).toBeInstanceOf(Float64Array);
        for (const cells of [numbers, texts, written]) expect(cells?.length ?? found.rows, name).toBe(found.rows);
      }
    });

    law('every number is finite', async () => {
      const found = await dataSet().load();
      // A gap of a frame is NaN.
      const isBad = (value: number): boolean => !Number.isFinite(value) && !(isFrame(found) && Number.isNaN(value));
      const width = isFrame(found) ? 1 : found.columns.length;
      const lists = isFrame(found) ? found.columns.map(({ numbers }) => numbers) : [found.values];
      for (const [j, numbers] of lists.entries()) {
        const at = Array.prototype.findIndex.call(numbers, isBad);
        if (at >= 0)
          expect.fail(
            `Row ${Math.floor(at / width)}, column ${namesOf(found)[j + (at % width)]!}: expected a finite number, got ${numbers[at]!}.`,
          );
      }
    });

    law('no column is constant', async () => {
      const found = await dataSet().load();
      const rows = rowsOf(found);
      for (const [j, column] of namesOf(found).entries())
        expect(new Set(rows.map((row) => row[j])).size, column).toBeGreaterThan(1);
    });

    // A density has no atoms: where rows coincide, for example by rounding, a flow learns spikes.
    law('hardly any row comes twice', async () => {
      const found = await dataSet().load();
      const distinct = new Set(rowsOf(found).map((row) => row.join('\0'))).size;
      expect(1 - distinct / found.rows, 'share of rows that repeat an earlier one').toBeLessThan(0.05);
    });

    law('gives the same rows at every call', async () => {
      const set = dataSet();
      const once = await set.load();
      const same = (found: Table | Frame, what: string): void => {
        expect(toldOf(found)).toEqual(toldOf(once));
        for (const [j, numbers] of numbersOf(found).entries())
          expectAgreement(numbers, numbersOf(once)[j]!, { what: `${what}, ${namesOf(once)[j]!}`, width: 1 });
      };
      same(await set.load(), 'a second load');
      same(await dataSet().load(), 'another instance');
    });

    law('the caller may write into the rows', async () => {
      const set = dataSet();
      const first = await set.load();
      const before = numbersOf(first).map((numbers) => numbers.slice());
      for (const values of isFrame(first) ? first.columns.map(({ numbers }) => numbers) : [first.values])
        values.fill(7);
      for (const [j, numbers] of numbersOf(await set.load()).entries())
        expectAgreement(numbers, before[j]!, { what: `the next load, ${namesOf(first)[j]!}`, width: 1 });
    });
  });
};

const namesOf = ({ columns }: Table | Frame): readonly string[] =>
  columns.map((column) => (typeof column === 'string' ? column : column.name));

/** The numbers of each column. NaN where a frame has a text or a gap. */
const numbersOf = (found: Table | Frame): readonly Float64Array[] =>
  isFrame(found)
    ? found.columns.map(({ numbers }) => numbers)
    : found.columns.map((_, j) =>
        Float64Array.from({ length: found.rows }, (_, row) => found.values[row * found.columns.length + j]!),
      );

/** The cells of each row: texts, or numbers. */
const rowsOf = (found: Table | Frame): (string | number)[][] => {
  const numbers = numbersOf(found);
  return Array.from({ length: found.rows }, (_, row) =>
    numbers.map((column, j) => (isFrame(found) ? found.columns[j]!.texts?.[row] : undefined) ?? column[row]!),
  );
};

/** All but the numbers. */
const toldOf = (found: Table | Frame): object => {
  if (!isFrame(found)) {
    const { values: _, ...rest } = found;
    return rest;
  }
  const { columns, place: _, ...rest } = found;
  return { ...rest, columns: columns.map(({ numbers: _numbers, ...column }) => column) };
};
