import type { DataSet, Table } from '@impflow/data';
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
      expect((await set.load()).columns).toEqual([...set.columns]);
      expect(set.columns.length).toBeGreaterThan(0);
      expect(new Set(set.columns).size).toBe(set.columns.length);
      for (const column of set.columns) expect(column.trim()).not.toBe('');
    });

    law('as many numbers as rows and columns', async () => {
      const { rows, columns, values, source } = await dataSet().load();
      expect(rows).toBeGreaterThan(0);
      expect(values).toBeInstanceOf(Float32Array);
      expect(values.length).toBe(rows * columns.length);
      expect(source.trim(), 'the source of the rows').not.toBe('');
    });

    law('every number is finite', async () => {
      const { values, columns } = await dataSet().load();
      const bad = values.findIndex((value) => !Number.isFinite(value));
      if (bad >= 0)
        expect.fail(
          `Row ${Math.floor(bad / columns.length)}, column ${columns[bad % columns.length]}: expected a finite number, got ${values[bad]}.`,
        );
    });

    law('no column is constant', async () => {
      const table = await dataSet().load();
      for (const [j, column] of table.columns.entries())
        expect(new Set(rowsOf(table).map((row) => row[j])).size, column).toBeGreaterThan(1);
    });

    // A density has no atoms: where rows coincide, for example by rounding, a flow learns spikes.
    law('hardly any row comes twice', async () => {
      const table = await dataSet().load();
      const distinct = new Set(rowsOf(table).map((row) => row.join(' '))).size;
      expect(1 - distinct / table.rows, 'share of rows that repeat an earlier one').toBeLessThan(0.05);
    });

    law('gives the same rows at every call', async () => {
      const set = dataSet();
      const once = await set.load();
      const same = ({ values, ...rest }: Table, what: string): void => {
        const { values: wanted, ...others } = once;
        expect(rest).toEqual(others);
        expectAgreement(values, wanted, { what, width: once.columns.length });
      };
      same(await set.load(), 'a second load');
      same(await dataSet().load(), 'another instance');
    });

    law('the caller may write into the rows', async () => {
      const set = dataSet();
      const first = await set.load();
      const before = first.values.slice();
      first.values.fill(7);
      expectAgreement((await set.load()).values, before, { what: 'the next load', width: first.columns.length });
    });
  });
};

const rowsOf = ({ rows, columns, values }: Table): number[][] =>
  Array.from({ length: rows }, (_, i) => [...values.subarray(i * columns.length, (i + 1) * columns.length)]);
