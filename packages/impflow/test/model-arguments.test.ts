import { isFlowError } from '@impflow/core';
import { fit, load, type Model } from 'impflow';
import { beforeAll, describe, expect, it } from 'vitest';
import { penguins } from './penguins.ts';

const quick = { steps: 2, workers: 1, hidden: [4], blocks: 1 } as const;
const row = penguins[0]!;
const given = { species: 'Gentoo' };
/** A model with a condition. The type `Any` allows calls that TypeScript would refuse. */
let model: Any;
let plain: Any;
type Any = { readonly [Name in keyof Model]: (...args: unknown[]) => unknown };

beforeAll(async () => {
  model = (await fit(penguins, { ...quick, given: ['species'] })) as unknown as Any;
  plain = (await fit(
    penguins.map(({ beak, mass }) => ({ beak, mass })),
    quick,
  )) as unknown as Any;
});

type Wrong = readonly [string, () => unknown, string];

describe('wrong arguments are refused with a message', () => {
  it.each<Wrong>([
    ['score(row)', () => model.score(row), 'expected an array of objects, got one object. Put it in an array: [row].'],
    ['score()', () => model.score(), 'expected an array of objects, got undefined'],
    ['score(5)', () => model.score(5), 'expected an array of objects, got a number'],
    ['score([])', () => model.score([]), 'No rows in the rows: expected at least 1'],
    ['score([5])', () => model.score([5]), 'No object in the rows, row 1'],
    ['score of a promise', () => model.score(Promise.resolve([row])), 'got a promise. Await it: await rows.'],
    ['score of a path', () => model.score('rows.csv'), 'expected an array of objects, got a string'],
    [
      'a row without any column',
      () => model.score([row, { weight: 1 }]),
      'No cell of the columns in the rows, row 2: expected some of the keys species',
    ],
    [
      'a string for a number',
      () => model.score([{ ...row, mass: 'much' }]),
      'Text in the column "mass" of the rows, row 1',
    ],
    [
      'a string for a date',
      () => model.score([row, { ...row, seen: 'soon' }]),
      'No date in the column "seen" of the rows, row 2',
    ],
    ['score(rows, 5)', () => model.score([row], 5), 'Wrong options: expected an object with given, onRemark, got 5'],
    ['explain([row])', () => model.explain([row]), 'expected one row as an object, got an array'],
    ['explain()', () => model.explain(), 'No object in the row'],
    ['impute(row)', () => model.impute(row), 'got one object. Put it in an array: [row].'],
    [
      'impute(rows, 3)',
      () => model.impute([row], 3),
      'Wrong options: expected an object with given, draws, seed, got 3',
    ],
    ['0 draws', () => model.impute([row], { draws: 0 }), 'option draws: expected a whole number of at least 1, got 0'],
    [
      'draw in place of draws',
      () => model.impute([row], { draw: 2 }),
      'Unknown option: expected one of given, draws, seed, got "draw". Did you mean "draws"?',
    ],
    ['evaluate(row)', () => model.evaluate(row), 'got one object. Put it in an array: [row].'],
    ['evaluate(5)', () => model.evaluate(5), 'Wrong rows: expected an array of objects, got a number'],
    ['evaluate of no file', () => model.evaluate('none.csv'), 'Cannot read none.csv'],
    ['save()', () => model.save(), 'No folder to save to: expected a path, got nothing'],
    ['save(5)', () => model.save(5), 'No folder to save to: expected a path, got 5'],
    ['save(folder, true)', () => model.save('folder', true), 'Wrong options: expected an object with force, got true'],
    [
      'save with a string as the option force',
      () => model.save('folder', { force: 'yes' }),
      'expected true or false, got "yes"',
    ],
  ])('%s', async (_call, call, said) => {
    await expect((async () => call())()).rejects.toThrow(said);
  });

  it.each<Wrong>([
    ['sample()', () => model.sample(), 'Wrong number of rows: expected a whole number from 1 to'],
    ['sample(options)', () => model.sample({ seed: 1 }), 'got an object. Write sample(100, { seed: 1 }).'],
    ['sample(0)', () => model.sample(0), 'got 0'],
    ['sample("5")', () => model.sample('5'), 'got "5"'],
    ['sample(2 ** 40)', () => model.sample(2 ** 40, { given }), 'got 1099511627776'],
    ['sample(5)', () => model.sample(5), 'The conditions are missing: expected values of species, got none'],
    [
      'sample(5, 3)',
      () => model.sample(5, 3),
      'Wrong options: expected an object with given, seed, temperature, got 3',
    ],
    ['sample(5, null)', () => model.sample(5, null), 'Wrong options'],
    ['seeds in place of seed', () => model.sample(1, { given, seeds: 1 }), 'Did you mean "seed"?'],
    [
      'seed: -1',
      () => model.sample(1, { given, seed: -1 }),
      'option seed: expected a whole number of at least 0, got -1',
    ],
    ...[0, 1e38, 1e300, NaN].map(
      (temperature) =>
        [
          `temperature: ${temperature}`,
          () => model.sample(1, { given, temperature }),
          `expected a number above 0 and at most 10, got ${temperature}`,
        ] as const,
    ),
    [
      'an unknown category',
      () => model.sample(1, { given: { species: 'dodo' } }),
      'The condition "species" has a category that training did not see: expected one of',
    ],
    [
      'conditions as a list of rows',
      () => model.sample(1, { given: [given] }),
      'expected one row as an object, or an event, such as "age > 40" or { age: { above: 40 } }, got a list',
    ],
    [
      'no condition',
      () => model.sample(1, { given: {} }),
      'or an object such as { age: { above: 40 } } with at least one column',
    ],
    [
      'another column',
      () => model.sample(1, { given: { specie: 'Gentoo' } }),
      'Unknown column in an event: expected one of species',
    ],
    [
      'a range of a condition',
      () => model.sample(1, { given: { species: ['Gentoo', 'Adelie'] } }),
      'The column "species" is a condition of the model',
    ],
    [
      'an event that never holds',
      () => model.sample(1, { given: { ...given, mass: 1.5 } }),
      'is too rare to draw rows',
    ],
    ['probability()', () => model.probability(), 'Wrong event: expected text such as "age > 40"'],
    ['draws: 5', () => model.probability('mass > 1', { draws: 5 }), 'a whole number from 1000 to 10000000, got 5'],
    ['no conditions', () => model.probability('mass > 1'), 'The conditions are missing: expected values of species'],
    [
      'a condition in the event',
      () => model.probability('species = Gentoo', { given }),
      'The model has no distribution of its conditions.',
    ],
    [
      'a condition in `given` of score',
      () => model.score([row], { given: 'species = Gentoo' }),
      'Write the conditions into the rows.',
    ],
    [
      'a wrong given of impute',
      () => model.impute([row], { given: 5 }),
      'Wrong value of the option given: expected an event',
    ],
    ['a gap', () => model.sample(1, { given: { species: null } }), 'A condition is missing: "species"'],
    [
      'an event that never holds, for a model without conditions',
      () => plain.sample(1, { given: { mass: 1 } }),
      'is too rare to draw rows',
    ],
  ])('%s', (_call, call, said) => {
    expect(call).toThrow(said);
  });

  it.each<Wrong>([
    ['load()', () => load(undefined as never), 'Nothing to load: expected a path, an address, or bytes, got nothing'],
    ['load(5)', () => load(5 as never), 'Nothing to load: expected a path, an address, or bytes, got 5'],
    ['load({})', () => load({} as never), 'Nothing to load'],
    ['no file', () => load('none'), 'Cannot read none'],
    [
      'no server',
      () => load('http://127.0.0.1:9/model'),
      'No model at http://127.0.0.1:9/model/checkpoint.safetensors',
    ],
    ['load(path, 5)', () => load('none', 5 as never), 'Wrong options: expected an object with plugins, backend, got 5'],
    ['plugin in place of plugins', () => load('none', { plugin: [] } as never), 'Did you mean "plugins"?'],
    ['plugins: {}', () => load('none', { plugins: {} } as never), 'option plugins: expected a list of modules'],
    [
      'backend: wasm',
      () => load('none', { backend: 'wasm' } as never),
      'option backend: expected a backend, such as wasm()',
    ],
    ['fit()', () => fit(undefined as never), 'Wrong rows: expected an array of objects, got undefined'],
    ['fit(row)', () => fit(row as never), 'Wrong rows: expected an array of objects, got one object'],
    ['fit([])', () => fit([]), 'No rows in the rows'],
    ['fit([row])', () => fit([row]), 'Too few rows in the rows: expected at least 10, got 1'],
    [
      'a column that is twice another column',
      () => fit(Array.from({ length: 30 }, (_, i) => ({ x: Math.sin(i), y: 2 * Math.sin(i) }))),
      'The column "y" of the rows is a linear combination of "x"',
    ],
  ])('%s', async (_call, call, said) => {
    const error: unknown = await (async () => call())().catch((reason: unknown) => reason);
    expect(isFlowError(error)).toBe(true);
    expect((error as Error).message).toContain(said);
  });
});

it('`score` accepts a condition with a category that the table does not contain', () => {
  expect(model.score([{ ...row, species: 'Macaroni' }])).toMatchObject([{ converged: true }]);
});

it('the log-density of a row without its condition is NaN', () => {
  expect(model.score([{ ...row, species: null }])).toMatchObject([{ logDensity: NaN, pValue: NaN, percentile: NaN }]);
});

it('`score` passes remarks on unseen categories and on fractions to the option `onRemark`', () => {
  const remarks: string[] = [];
  const odd = { ...row, island: 'Atlantis', flipper: 180.5 };
  const found = model.score([row, odd], { onRemark: (text: string) => remarks.push(text) });
  expect(found).toEqual(model.score([row, odd]));
  expect(remarks).toEqual([
    'island: 1 cell holds a category that training did not see ("Atlantis"). The density gives the total probability of all unseen categories.',
    'flipper: 1 cell is not whole (180.5), although all numbers of the training rows are.',
  ]);
});
