import { isFlowError } from '@impflow/core';
import { builtInRegistries } from '@impflow/flows';
import { fit, OPTIONS, type FitOptions } from 'impflow';
import { describe, expect, it } from 'vitest';
import { gaussianRows } from '../tables.ts';

const rows = gaussianRows(60, 1);
const quick = { steps: 2, workers: 1, hidden: [4], blocks: 1 } as const;
/** Calls `fit` with options that TypeScript would refuse. */
const fitWith = (options: object) => fit(rows, { ...quick, ...options } as FitOptions);
/** Calls `fit` with the given options, and returns the code and the message of its error. */
const refusal = (options: object): Promise<string> =>
  fitWith(options).then(
    () => 'no error',
    (error: unknown) => (isFlowError(error) ? `${error.code}: ${error.message}` : `another error: ${String(error)}`),
  );

type Wrong = readonly [value: unknown, expected: string];

/**
 * Returns values that an option refuses. Each value is paired with the part of the message that describes accepted
 * values.
 */
const wrongValues = (option: (typeof OPTIONS)[keyof typeof OPTIONS]): readonly Wrong[] => {
  switch (option.type) {
    case 'real': {
      const values: readonly unknown[] = [
        '1',
        NaN,
        Infinity,
        true,
        [1],
        ...('above' in option ? [option.above, -1] : []),
      ];
      return [...values, ...('below' in option ? [option.below] : [])].map((value) => [value, 'expected a number']);
    }
    case 'count': {
      const values: readonly unknown[] = [
        '1',
        1.5,
        NaN,
        option.least - 1,
        {},
        ...('most' in option ? [option.most + 1] : []),
      ];
      return values.map((value) => [value, `expected a whole number ${'most' in option ? 'from' : 'of at least'}`]);
    }
    case 'counts':
      return [8, '8', [], [8, 0], ['8'], [option.most + 1]].map((value) => [
        value,
        'expected 1 to 1024 whole numbers from',
      ]);
    case 'text':
      return [1, ['w'], {}].map((value) => [value, 'expected a string']);
    case 'texts':
      return ['x', 5, [5], {}].map((value) => [value, 'expected a list of strings']);
    case 'choice':
      return [5, 'nothing', true, ['x']].map((value) => [value, `expected one of ${option.values.join(', ')}`]);
    case 'method':
      return [5, true, [], { options: {} }].map((value) => [value, 'expected a name, or { name, options }']);
  }
};

describe('an option', () => {
  it.each(Object.entries(OPTIONS))(
    'the option %s refuses wrong values, and the message contains the expected values',
    async (name, option) => {
      for (const [value, expected] of wrongValues(option)) {
        const said = await refusal({ steps: undefined, [name]: value });
        expect(said).toContain(`option: [impflow/fit] Wrong value of the option ${name}: ${expected}`);
        expect(said).toMatch(/, got [^.]/);
      }
    },
  );

  it('every option has a description of one sentence without a full stop', () => {
    for (const [name, { help, group }] of Object.entries(OPTIONS)) {
      expect(help, name).toMatch(/^[`a-zA-Z].*[^.]$/s);
      expect(['columns', 'reading', 'flow', 'training'], name).toContain(group);
    }
  });

  it('an option with the value undefined has the same effect as an absent option', async () => {
    const none = Object.fromEntries(Object.keys(OPTIONS).map((name) => [name, undefined]));
    const left = await fit(rows, { ...none, ...quick });
    expect(left.score(rows)).toEqual((await fit(rows, quick)).score(rows));
  });

  it.each([
    ['step', 'steps'],
    ['leaveout', 'leaveOut'],
    ['onEvents', 'onEvent'],
    ['plugin', 'plugins'],
    ['learningrate', undefined],
  ])('`fit` refuses the unknown option %s', async (name, near) => {
    const said = await refusal({ [name]: 1 });
    expect(said).toContain('option: [impflow/fit] Unknown option: expected one of columns, given, ');
    expect(said).toContain(near === undefined ? 'Leave it out.' : `got "${name}". Did you mean "${near}"?`);
  });

  it.each([[5], ['steps'], [null], [[]]])('`fit` refuses %j in place of an object of options', async (options) => {
    await expect(fit(rows, options as unknown as FitOptions)).rejects.toThrow(
      '[impflow/fit] Wrong options: expected an object, such as { seconds: 60 }, got',
    );
  });
});

describe('options that contradict each other', () => {
  it.each<readonly [object, string]>([
    [{ seconds: 5 }, 'The options seconds and steps contradict each other. Set one of them.'],
    [{ steps: undefined, seconds: 5, epochs: 2 }, 'The options seconds and epochs contradict each other'],
    [{ warmup: 3 }, 'The warm-up is longer than the training: expected the option warmup of at most 2, got 3'],
    [{ base: 'fitted:components=3' }, 'The base fitted has no options'],
    [{ base: { name: 'fitted', options: { components: 3 } } }, 'The base fitted has no options'],
    [
      { model: 'auto' },
      'The model auto needs a training with a time limit: expected the option seconds, got a training whose length is given in steps.',
    ],
    [{ model: 'auto', steps: undefined, epochs: 2 }, 'The model auto needs a training with a time limit'],
    [{ model: 'auto:kinds=2', steps: undefined, seconds: 5 }, 'The model auto has no options'],
    [{ model: 'coupling', solver: 'anderson' }, 'The option solver has no effect in a coupling flow'],
    [{ model: { name: 'coupling' }, coeff: 0.5 }, 'The option coeff has no effect in a coupling flow'],
    [
      { batch: 100 },
      'The option batch is larger than the table: expected at most 48, the number of training rows in the rows, got 100',
    ],
    [{ workers: 49 }, 'More workers than rows in a step: expected the option workers of at most 48, got 49'],
    [{ workers: 0 }, 'the option workers'],
    [{ workers: 1.5 }, 'the option workers'],
    [{ given: ['x', 'y', 'z'] }, 'No column of numbers to train on in the rows'],
    [{ given: ['w'] }, 'Unknown column of the rows: expected one of x, y, z, got "w"'],
    [{ leaveOut: ['x'], given: ['x'] }, 'The column "x" has two meanings'],
    [{ transform: ['sqrt:x'] }, 'Wrong transformation'],
    [{ periodic: ['x'] }, 'Wrong period'],
    [{ steps: 2 ** 60 }, 'Wrong value of the option steps'],
    [{ hidden: [1_000_000, 1_000_000] }, 'The model is too large'],
  ])('%j', async (options, said) => {
    expect(await refusal(options)).toContain(said);
  });

  it.each<readonly [object, string]>([
    [{ onEvent: 5 }, 'onEvent'],
    [{ signal: 5 }, 'signal'],
    [{ backend: 'wasm' }, 'backend'],
    [{ plugins: {} }, 'plugins'],
    [{ plugins: ['@impflow/solver-crossed-secant'] }, 'plugins'],
    [{ workers: 'many' }, 'workers'],
  ])('fit refuses the options %j, and the message contains the name of the option', async (options, name) => {
    const said = await refusal(options);
    expect(said).toMatch(/^option: /);
    expect(said).toContain(name);
  });
});

describe('methods', () => {
  it.each<readonly [object, string]>([
    [{ solver: 'andersen' }, 'Unknown value of the option solver'],
    [{ solver: 'andersen' }, 'Did you mean "anderson"?'],
    [{ base: 'fited' }, 'Did you mean "fitted"?'],
    [{ model: 'implicits' }, 'Did you mean "implicit"?'],
    [{ logdet: 'none' }, 'Unknown value of the option logdet'],
    [{ optimizer: 'adem' }, 'Unknown value of the option optimizer'],
    [{ solver: 'anderson:memories=4' }, 'The solver anderson has no option memories'],
    [{ solver: { name: 'anderson', options: { memroy: 4 } } }, 'Did you mean "memory"?'],
    [{ solver: 'anderson:memory' }, 'Wrong options in the option solver: anderson:memory: expected key=value'],
    [{ solver: 'anderson:{"memory": 4' }, 'expected a JSON object'],
    [{ solver: 'anderson:memory=4,memory=5' }, 'memory twice'],
    [{ base: 'mixture:dim=4' }, 'dim, which the program sets'],
    [{ base: { name: 'mixture', options: { dim: 4 } } }, 'dim, which the program sets'],
    [{ optimizer: 'adam:beta=4' }, 'The optimizer adam has no option beta: expected one of'],
    [{ optimizer: 'adam:beta1=4' }, 'beta1'],
    [{ activation: 'lipSwish:betas=4' }, 'no option betas'],
  ])('%j', async (options, said) => {
    expect(await refusal(options)).toContain(said);
  });

  it('a method that is given as a string has the same effect as a method given as an object', async () => {
    const text = await fitWith({ solver: 'anderson:memory=4', optimizer: 'adam:beta1=0.8', model: 'implicit' });
    const object = await fitWith({
      solver: { name: 'anderson', options: { memory: 4 } },
      optimizer: { name: 'adam', options: { beta1: 0.8 } },
      model: { name: 'implicit' },
    });
    expect(object.score(rows)).toEqual(text.score(rows));
    const other = await fitWith({ optimizer: 'adam', solver: 'anderson:memory=4' });
    expect(other.score(rows)).not.toEqual(text.score(rows));
  });

  it('a plugin that is passed as an object provides methods for the options', async () => {
    let made = 0;
    const plugin = {
      impflow: {
        solver: {
          own: ({ shrink = 1 }: { readonly shrink?: number } = {}) => {
            made += shrink;
            return builtInRegistries.solver.create({ name: 'newton' });
          },
        },
      },
    };
    const model = await fitWith({ plugins: [plugin], solver: 'own:shrink=0.5' });
    expect(made).toBeGreaterThan(0);
    expect(model.report.heldOut.unsolved).toBe(0);
    expect(await refusal({ plugins: [plugin], workers: 2 })).toContain('A training with plugins has one worker');
    expect(await refusal({ solver: 'own' })).toContain('Unknown value of the option solver');
    expect(await refusal({ plugins: [plugin], solver: 'own:shrinks=1' })).toContain('has no option shrinks');
  });
});
