import { FlowError } from '@impflow/core';
import { frameOf, parseFrame, type Frame, planColumns, type PlanOptions } from '@impflow/tables';
import { describe, expect, it } from 'vitest';
import { penguins, PENGUINS } from './models.ts';
import { vega } from './vega.ts';

const { species, island, sex, mass } = PENGUINS;

const kinds = (frame: Frame, options?: PlanOptions): Readonly<Record<string, string>> =>
  Object.fromEntries(
    planColumns(frame, options).map((plan) => [
      plan.name,
      plan.kind === 'number' && plan.date !== undefined ? `date in ${plan.date.unit}` : plan.kind,
    ]),
  );

describe('planColumns', () => {
  it('planColumns distinguishes categories, numbers and dates in the data sets penguins, cars and flights', () => {
    expect(kinds(penguins())).toEqual({
      [species]: 'category',
      [island]: 'category',
      'Beak Length (mm)': 'number',
      'Beak Depth (mm)': 'number',
      'Flipper Length (mm)': 'number',
      [mass]: 'number',
      [sex]: 'category',
    });
    expect(kinds(frameOf(vega('cars.json'), 'cars'), { leaveOut: ['Name'] })).toEqual({
      Name: 'left out',
      Miles_per_Gallon: 'number',
      Cylinders: 'number',
      Displacement: 'number',
      Horsepower: 'number',
      Weight_in_lbs: 'number',
      Acceleration: 'number',
      Year: 'date in days',
      Origin: 'category',
    });
    expect(kinds(frameOf(vega('flights-2k.json'), 'flights'))).toEqual({
      date: expect.stringContaining('date in') as string,
      delay: 'number',
      distance: 'number',
      origin: 'category',
      destination: 'category',
    });
  });

  it('planColumns uses the options for conditions, categories, weights, periods, and columns to leave out', () => {
    const frame = frameOf(vega('cars.json'), 'cars');
    const plans = planColumns(frame, {
      leaveOut: ['Name', 'Year'],
      given: ['Origin', 'Horsepower'],
      categorical: ['Cylinders'],
      weights: 'Weight_in_lbs',
      periodic: { Acceleration: 10 },
    });
    expect(plans.find(({ name }) => name === 'Origin')).toEqual({ name: 'Origin', kind: 'category', given: true });
    expect(plans.find(({ name }) => name === 'Horsepower')).toEqual({
      name: 'Horsepower',
      kind: 'number',
      given: true,
    });
    expect(plans.find(({ name }) => name === 'Cylinders')).toEqual({
      name: 'Cylinders',
      kind: 'category',
      given: false,
    });
    expect(plans.find(({ name }) => name === 'Weight_in_lbs')).toEqual({ name: 'Weight_in_lbs', kind: 'weights' });
    expect(plans.find(({ name }) => name === 'Acceleration')).toEqual({
      name: 'Acceleration',
      kind: 'number',
      given: false,
      period: 10,
    });
    expect(plans.find(({ name }) => name === 'Year')).toEqual({ name: 'Year', kind: 'left out', why: 'as asked' });
  });

  it('planColumns converts the period of dates from days to the unit of the column', () => {
    const days = ['2020-01-01', '2020-01-02', '2020-01-09'];
    const rows = days.map((day) => ({ day, time: `${day}T14:05:00Z` }));
    expect(planColumns(frameOf(rows, 'visits'), { periodic: { day: 7, time: 7 } })).toMatchObject([
      { name: 'day', date: { unit: 'days' }, period: 7 },
      { name: 'time', date: { unit: 'seconds' }, period: 7 * 24 * 60 * 60 },
    ]);
  });

  it('planColumns leaves out empty and constant columns, and ignores marks such as `-` among numbers and dates', () => {
    const text = 'empty,one,text,x,day\n,5,same,1,2020-01-01\n,5,same,-,2020-02-01\n,5,same,2,?\n';
    expect(
      planColumns(parseFrame('file.csv', new TextEncoder().encode(text))).map((plan) =>
        plan.kind === 'left out' ? plan.why : plan.kind,
      ),
    ).toEqual(['no cell has a value', 'constant', 'constant', 'number', 'number']);
  });

  it('planColumns accepts column names that are members of JavaScript objects, such as `constructor`', () => {
    const frame = frameOf(
      [
        { constructor: 1, toString: 'a' },
        { constructor: 2, toString: 'b' },
      ],
      'odd',
    );
    expect(kinds(frame)).toEqual({ constructor: 'number', toString: 'category' });
    expect(planColumns(frame)[0]).toEqual({ name: 'constructor', kind: 'number', given: false });
  });

  it('planColumns throws an error with a helpful message for wrong cells and wrong options', () => {
    const thrown = (objects: readonly Readonly<Record<string, unknown>>[], options?: PlanOptions): string => {
      try {
        planColumns(frameOf(objects, 'file.csv'), options);
      } catch (error) {
        if (error instanceof FlowError) return error.message;
        throw error;
      }
      return 'nothing';
    };
    const many = (cell: (i: number) => unknown): readonly Readonly<Record<string, unknown>>[] =>
      Array.from({ length: 40 }, (_, i) => ({ x: i / 3, c: cell(i) }));
    expect(thrown(many((i) => (i === 6 ? 'about 5' : i === 3 ? '-' : i)))).toMatchInlineSnapshot(
      `"[tables/planColumns] Text in the column "c" of file.csv, row 7: expected a number, as in the other cells, got "about 5". Repair that cell. If it marks missing cells, set the option gaps to c:about 5. If the column holds categories, name it in the option categorical."`,
    );
    expect(thrown(many((i) => `customer ${i}`))).toMatchInlineSnapshot(
      `"[tables/planColumns] The column "c" of file.csv is an identifier: expected categories that many rows share, got 40 different values in 40 cells. Leave it out with the option leaveOut: c"`,
    );
    expect(thrown(many((i) => (i === 7 ? 'soon' : `2020-01-0${1 + (i % 9)}`)))).toMatchInlineSnapshot(
      `"[tables/planColumns] No date in the column "c" of file.csv, row 8: expected a date, as in the other cells, got "soon". Repair that cell. If it marks missing cells, set the option gaps to c:soon. If the column holds categories, name it in the option categorical."`,
    );
    expect(thrown(many((i) => `0${1 + (i % 9)}/04/2020`))).toMatchInlineSnapshot(
      `"[tables/planColumns] The order of day and month is unclear in the column "c" of file.csv: expected a date that shows the order, such as 31/12/2020, got dates that are valid in both orders; the first is 01/04/2020. Set the option dayFirst to yes or no."`,
    );
    expect(thrown(many((i) => (i === 0 ? '?' : `0${1 + (i % 9)}/04/2020`)))).toContain('the first is 02/04/2020.');
    const american = many((i) => (i === 0 ? '?' : `04/${10 + (i % 9)}/2020`));
    expect(thrown(american, { dayFirst: false })).toBe('nothing');
    expect(thrown(american, { dayFirst: true })).toMatchInlineSnapshot(
      `"[tables/planColumns] No date in the column "c" of file.csv, row 4: expected a date with the day first, as the option dayFirst says, got "04/13/2020", which has the month first, as all dates of the column can have. Leave the option dayFirst out: the order is then found for each column. Or repair that cell."`,
    );
    expect(
      thrown(
        many((i) => `${10 + (i % 9)}/04/2020`),
        { dayFirst: false },
      ),
    ).toContain('row 4: expected a date with the month first, as the option dayFirst says, got "13/04/2020"');
    expect(
      thrown(
        many((i) => (i === 2 ? -1 : 1)),
        { weights: 'c' },
      ),
    ).toMatchInlineSnapshot(
      `"[tables/planColumns] Wrong weight in the column "c" of file.csv, row 3: expected a number of at least 0, got -1. Repair that cell. A row of weight 0 does not count."`,
    );
    expect(
      thrown(
        many((i) => (i === 2 ? null : 1)),
        { weights: 'c' },
      ),
    ).toMatchInlineSnapshot(
      `"[tables/planColumns] Wrong weight in the column "c" of file.csv, row 3: expected a number of at least 0, got none. Repair that cell. A row of weight 0 does not count."`,
    );
    expect(
      thrown(
        many(() => 0),
        { weights: 'c' },
      ),
    ).toMatchInlineSnapshot(
      `"[tables/planColumns] No row has a weight above 0 in the column "c" of file.csv: expected a weight above 0, got 0 in every row. Give other weights, or no weights."`,
    );
    expect(
      thrown(
        many((i) => `kind ${i % 3}`),
        { given: ['x'] },
      ),
    ).toMatchInlineSnapshot(
      `"[tables/planColumns] No column of numbers to train on in file.csv: expected at least one column of numbers that is not a condition, got x (number), c (category). Use a table with a numeric column that is not a condition, or name fewer conditions."`,
    );
    expect(
      thrown(
        many((i) => i),
        { given: ['y'] },
      ),
    ).toMatchInlineSnapshot(
      `"[tables/planColumns] Unknown column of file.csv: expected one of x, c, got "y". Check the spelling."`,
    );
    expect(
      thrown(
        many((i) => i),
        { given: ['c'], weights: 'c' },
      ),
    ).toMatchInlineSnapshot(
      `"[tables/planColumns] The column "c" has two meanings: expected a condition, the weights, or a column to leave out, got two of them. Name it once."`,
    );
    expect(
      thrown(
        many((i) => `kind ${i % 3}`),
        { periodic: { c: 3 } },
      ),
    ).toMatchInlineSnapshot(
      `"[tables/planColumns] The column "c" cannot have a period: expected a column of numbers or dates for a period, got categories. Give a period to numbers and dates only."`,
    );
    expect(
      thrown(
        many((i) => i),
        { periodic: { c: 0 } },
      ),
    ).toMatchInlineSnapshot(
      `"[tables/planColumns] Wrong period of the column "c": expected a number above 0, got 0. Give the length of one turn in the unit of the column, such as 360."`,
    );
  });
});
