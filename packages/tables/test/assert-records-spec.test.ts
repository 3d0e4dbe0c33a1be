import { wasm } from '@impflow/backend-wasm';
import { FlowError } from '@impflow/core';
import { assertRecordsSpec, recordFlow, rowsAsRecords, type RecordsSpec } from '@impflow/tables';
import { onBackend } from '@impflow/testkit';
import { describe, expect, it } from 'vitest';
import { columnsOf, fitted, penguins, PENGUINS } from './models.ts';

const { species, sex, bill, mass, flipper } = PENGUINS;

interface Json {
  columns: Record<string, unknown>[];
  tree?: { sizes: number[]; parents: number[]; tables: number[][][] };
  flow: Record<string, unknown>;
  [field: string]: unknown;
}

/**
 * Returns the spec of a density of species, sex and bill length of penguins, as JSON. The conditions are the mass,
 * which is divided into bins, and the flipper length, which is treated as an angle.
 */
const json = (): Json => {
  const { spec } = fitted(columnsOf(penguins(), [species, sex, bill, mass, flipper]), {
    given: [mass, flipper],
    periodic: { [flipper]: 360 },
  });
  return JSON.parse(JSON.stringify(spec)) as Json;
};

const message = (value: unknown): string => {
  try {
    assertRecordsSpec(value);
  } catch (error) {
    if (error instanceof FlowError) return error.message;
    throw error;
  }
  return 'nothing';
};

describe('assertRecordsSpec', () => {
  onBackend(wasm());

  it('assertRecordsSpec accepts the specs that recordsSpec and rowsAsRecords return', () => {
    const spec = json();
    expect(message(spec)).toBe('nothing');
    const { flow } = fitted(columnsOf(penguins(), [bill, mass])).spec;
    expect(
      message(rowsAsRecords(flow, { columns: ['a', 'constructor'], offsets: { a: 3 }, dequantized: { a: 0.1 } })),
    ).toBe('nothing');
    expect(rowsAsRecords(flow, { columns: ['a', 'constructor'] }).columns[1]).toEqual({
      kind: 'number',
      name: 'constructor',
    });
  });

  const broken: readonly (readonly [string, (spec: Json) => unknown, RegExp])[] = [
    ['nothing', () => null, /Not a spec of records/],
    ['a string as the whole spec', () => 'records', /Not a spec of records/],
    ['another version', (spec) => ({ ...spec, version: 2 }), /Not a spec of records/],
    ['no columns', (spec) => ({ ...spec, columns: {} }), /has no columns/],
    ['a column that is null', (spec) => ({ ...spec, columns: [null] }), /Column 0 .* wrong name/],
    ['a name twice', (spec) => void (spec.columns[1]!['name'] = species), /Column 1 .* wrong name/],
    ['an unknown kind', (spec) => void (spec.columns[0]!['kind'] = 'image'), /wrong kind/],
    ['given as text', (spec) => void (spec.columns[0]!['given'] = 'yes'), /wrong given/],
    ['a level twice', (spec) => void (spec.columns[0]!['levels'] = ['a', 'a', 'b']), /wrong levels/],
    ['a number as level', (spec) => void (spec.columns[0]!['levels'] = [1, 2, 3]), /wrong levels/],
    ['no levels', (spec) => void (spec.columns[0]!['levels'] = []), /wrong levels/],
    ['an offset that is text', (spec) => void (spec.columns[2]!['offset'] = '3'), /wrong offset/],
    ['an offset of null, as JSON writes NaN', (spec) => void (spec.columns[2]!['offset'] = null), /wrong offset/],
    ['a resolution of 0', (spec) => void (spec.columns[2]!['resolution'] = 0), /wrong resolution/],
    ['a resolution of a condition', (spec) => void (spec.columns[3]!['resolution'] = 1), /wrong resolution/],
    ['bins of a target', (spec) => void (spec.columns[2]!['bins'] = [1]), /wrong bins/],
    ['a range of a target', (spec) => void (spec.columns[2]!['range'] = [1, 2]), /wrong range/],
    ['a range that falls', (spec) => void (spec.columns[3]!['range'] = [2, 1]), /wrong range/],
    ['a number as a gap', (spec) => void (spec.columns[2]!['gaps'] = [-999]), /wrong gaps/],
    ['bins that fall', (spec) => void (spec.columns[3]!['bins'] = [1, 3, 2, 4]), /wrong bins/],
    ['a negative period', (spec) => void (spec.columns[4]!['period'] = -360), /wrong period/],
    ['a scale of 0', (spec) => void (spec.columns[3]!['scale'] = 0), /wrong scale/],
    ['dates in weeks', (spec) => void (spec.columns[2]!['date'] = 'weeks'), /wrong date/],
    [
      'no target number',
      (spec) => void (spec.columns[2] = { kind: 'number', name: bill, given: true }),
      /no number to predict/,
    ],
    ['no tree', (spec) => void delete spec.tree, /tree of categories is incomplete/],
    [
      'a tree whose sizes do not match the columns',
      (spec) => void (spec.columns[0]!['levels'] = ['a', 'b', 'c', 'd']),
      /tree of a spec of records does not match its columns/,
    ],
    [
      'a tree without categories',
      (spec) => ({
        ...spec,
        columns: spec.columns.map((column) => ({
          ...column,
          ...(column['kind'] === 'category' ? { given: true } : {}),
        })),
      }),
      /tree without categories/,
    ],
    ['a negative probability', (spec) => void (spec.tree!.tables[0]![0]![0] = -1), /wrong table/],
    ['no flow', (spec) => void delete (spec as Partial<Json>).flow, /flow of a spec of records/],
    ['a flow of the wrong size', (spec) => void (spec.flow['dim'] = 2), /expected dim 1 and context 10, got dim 2/],
    ['a flow without a context', (spec) => void delete spec.flow['context'], /expected dim 1 and context 10/],
  ];
  it.each(broken)('assertRecordsSpec refuses a spec with %s', (what, change, expected) => {
    const spec = json();
    const changed = change(spec) ?? spec;
    expect(message(what === 'nothing' ? null : changed)).toMatch(expected);
  });

  it('recordFlow checks its spec by assertRecordsSpec', () => {
    const changed = json();
    changed.columns[1]!['name'] = species;
    expect(() => recordFlow(changed as unknown as RecordsSpec)).toThrow(/Column 1 .* wrong name/);
  });
});
