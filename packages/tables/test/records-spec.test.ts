import { wasm } from '@impflow/backend-wasm';
import { FlowError, key } from '@impflow/core';
import {
  frameOf,
  pickFrameRows,
  coordinatesOfRecords,
  fitColumns,
  planColumns,
  recordFlow,
  recordsSpec,
  valuesOf,
  withNoise,
  completeRows,
  layoutOf,
  pickValues,
  type FittedColumns,
  type RecordsSpec,
  type Values,
} from '@impflow/tables';
import { onBackend } from '@impflow/testkit';
import { describe, expect, it } from 'vitest';
import { columnsOf, fitted, logProbs, penguins, PENGUINS, rowsOf } from './models.ts';

const { species, sex, bill, mass } = PENGUINS;

const prepared = (): { readonly found: FittedColumns; readonly train: Values } => {
  const frame = columnsOf(penguins(), [species, sex, bill, mass]);
  const found = fitColumns(frame, planColumns(frame));
  const noisy = withNoise(valuesOf(frame, found.columns), found.columns, key(1));
  return { found, train: pickValues(noisy, completeRows(noisy, layoutOf({ columns: found.columns }))) };
};

const numbersOf = (spec: RecordsSpec) => {
  const [scaling, regression] = ['standardize', 'regression'].map((kind) =>
    spec.flow.blocks.find((block) => block.kind === kind),
  );
  if (scaling?.kind !== 'standardize' || regression?.kind !== 'regression') throw new Error('other blocks');
  return {
    scaling: [...scaling.mean, ...scaling.scale],
    weight: regression.weight.flat(),
    factor: regression.factor.flat(),
    tables: spec.tree!.tables.flat(2),
  };
};
const distance = (a: readonly number[], b: readonly number[]): number =>
  Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));

describe('recordsSpec', () => {
  onBackend(wasm());

  it('a row of weight 2 counts as two rows, exactly in means and up to the effect of the smoothing in probabilities', () => {
    const { found, train } = prepared();
    const weights = Float64Array.from({ length: train.rows }, (_, row) => 1 + (row % 2));
    const twice = Uint32Array.from(
      Array.from({ length: train.rows }, (_, row) => Array.from({ length: 1 + (row % 2) }, () => row)).flat(),
    );
    const [weighted, repeated, plain] = [
      recordsSpec(found, train, { weights }),
      recordsSpec(found, pickValues(train, twice)),
      recordsSpec(found, train),
    ].map(numbersOf);
    expect(distance(weighted!.scaling, repeated!.scaling)).toBeLessThan(1e-9 * 5000);
    // Tables and regressions scale the weights to the effective number of independent rows. Here this number is 0.9
    // times the number of repeated rows.
    expect(distance(weighted!.tables, repeated!.tables)).toBeLessThan(0.003);
    expect(distance(weighted!.weight, repeated!.weight)).toBeLessThan(0.01);
    expect(distance(weighted!.factor, repeated!.factor)).toBeLessThan(0.01);
    // The effect of the weights on the results is larger than the tolerances of the comparisons above.
    expect(distance(weighted!.scaling, plain!.scaling)).toBeGreaterThan(1);
    expect(distance(weighted!.tables, plain!.tables)).toBeGreaterThan(0.004);
  });

  it('recordsSpec depends only on the ratios of weights, and ignores rows of weight 0', () => {
    const { found, train } = prepared();
    const ones = new Float64Array(train.rows).fill(1);
    const same = recordsSpec(found, train, { weights: ones.map(() => 7.5) });
    const plain = recordsSpec(found, train, { weights: ones });
    expect(distance(numbersOf(same).scaling, numbersOf(plain).scaling)).toBeLessThan(1e-8);
    expect(distance(numbersOf(same).tables, numbersOf(plain).tables)).toBeLessThan(1e-12);
    const half = Uint32Array.from({ length: 150 }, (_, row) => row);
    const chosen = recordsSpec(found, train, { weights: ones.map((_, row) => Number(row < 150)) });
    const alone = recordsSpec(found, pickValues(train, half));
    for (const name of ['scaling', 'tables', 'weight', 'factor'] as const)
      expect(distance(numbersOf(chosen)[name], numbersOf(alone)[name])).toBeLessThan(1e-8);
  });

  it('the initial density of the flow is the regression with normally distributed residuals', () => {
    const { spec, train } = fitted(columnsOf(penguins(), [species, sex, bill, mass]));
    const { values, logDet } = coordinatesOfRecords(spec, train);
    const model = recordFlow(spec);
    const events = model.eventsOf(train);
    logProbs(model, train).forEach((log, row) => {
      const [a, b] = [values[2 * row]!, values[2 * row + 1]!];
      const expected =
        -Math.log(2 * Math.PI) - (a * a + b * b) / 2 + logDet[row]! + events[model.size * row + model.size - 1]!;
      expect(Math.abs(log - expected)).toBeLessThan(1e-4 * (1 + Math.abs(expected)));
    });
    const squares = values.reduce((sum, value) => sum + value * value, 0) / values.length;
    expect(Math.abs(squares - 1)).toBeLessThan(0.1);
  });

  it('errors for constant and empty columns contain advice', () => {
    const rows = Array.from({ length: 30 }, (_, i) => ({
      x: i / 7,
      rare: i === 29 ? 3 : 1,
      group: i < 28 ? null : i === 28 ? 'a' : 'b',
      y: i % 4 === 0 ? null : i,
    }));
    const frame = frameOf(rows, 'rows.csv');
    const plans = planColumns(frame);
    expect(plans.map(({ kind }) => kind)).toEqual(['number', 'number', 'category', 'number']);
    const train = pickFrameRows(
      frame,
      Uint32Array.from({ length: 28 }, (_, i) => i),
    );
    const thrown = (run: () => unknown): string => {
      try {
        run();
      } catch (error) {
        if (error instanceof FlowError) return error.message;
        throw error;
      }
      return 'nothing';
    };
    expect(thrown(() => fitColumns(train, plans))).toMatchInlineSnapshot(
      `"[tables/fitColumns] Nothing to learn in the column "group" of rows.csv: expected values that differ among the training rows, got no value. Leave it out with the option leaveOut: group"`,
    );
    expect(
      thrown(() =>
        fitColumns(
          train,
          plans.filter(({ name }) => name !== 'group'),
        ),
      ),
    ).toMatchInlineSnapshot(
      `"[tables/fitColumns] Nothing to learn in the column "rare" of rows.csv: expected values that differ among the training rows, got 1 in every training row. Leave it out with the option leaveOut: rare"`,
    );
    const found = fitColumns(
      frame,
      plans.filter(({ name }) => name === 'x' || name === 'rare'),
    );
    expect(
      thrown(() =>
        recordsSpec(
          found,
          rowsOf([
            [1, 2, 3],
            [1, 1, 1],
          ]),
        ),
      ),
    ).toMatchInlineSnapshot(
      `"[tables/fitScaling] Nothing to learn in the column "rare" of the training rows: expected different values, without gaps, got 0 in every row. Leave the column out: rare"`,
    );
    expect(
      thrown(() =>
        recordsSpec(
          found,
          rowsOf([
            [1, 2, 3],
            [1, NaN, 1],
          ]),
        ),
      ),
    ).toMatchInlineSnapshot(
      `"[tables/fitScaling] Nothing to learn in the column "rare" of the training rows: expected different values, without gaps, got a gap. Fill the missing cell, or leave out its row."`,
    );
    expect(thrown(() => recordsSpec(found, rowsOf([[1], [1]])))).toMatchInlineSnapshot(
      `"[tables/recordsSpec] Too few training rows without gaps: expected at least 2, got 1. Give more rows, or fill the missing cells."`,
    );
    expect(
      thrown(() =>
        recordsSpec(
          found,
          rowsOf([
            [1, 2],
            [1, 2],
          ]),
          { weights: Float64Array.of(1, -1) },
        ),
      ),
    ).toMatchInlineSnapshot(
      `"[tables/recordsSpec] Wrong weights: expected 2 finite numbers of at least 0, not all 0, got other numbers. Give one weight for each training row."`,
    );
    expect(
      thrown(() =>
        recordsSpec(
          found,
          rowsOf([
            [1, 2],
            [1, 2],
          ]),
          { weights: Float64Array.of(0, 0) },
        ),
      ),
    ).toMatchInlineSnapshot(
      `"[tables/recordsSpec] Wrong weights: expected 2 finite numbers of at least 0, not all 0, got other numbers. Give one weight for each training row."`,
    );
  });
});
