import { SWEPT, TRAIN_OPTIONS, TRAIN_TASK_OPTIONS, type IntervalParameter, type Parameter } from '@impflow/jobs';
import { describe, expect, it } from 'vitest';
import { gridTrials, randomTrials } from '../src/sweep/draw-trials.ts';
import { planSweep, trialOptions, type SweepPlan, type SweepRequest } from '../src/sweep/plan-sweep.ts';

const list = (name: string, ...values: readonly (number | string | boolean | readonly number[])[]): Parameter => ({
  name,
  values,
});
const interval = (name: string, scale: IntervalParameter['scale'], low: number, high: number): Parameter => ({
  name,
  scale,
  low,
  high,
});
const RATES = list('lr', 1e-3, 3e-3);
const plan = (request: Partial<SweepRequest> = {}): SweepPlan =>
  planSweep({ place: { data: 'rows.csv' }, parameters: [RATES], ...request });

describe('options', () => {
  it('`TRAIN_TASK_OPTIONS` are the options of a training without `seconds` and `epochs`', () => {
    const lengths = Object.keys(TRAIN_OPTIONS).filter((name) => TRAIN_TASK_OPTIONS[name] === undefined);
    expect(lengths).toEqual(['seconds', 'epochs']);
  });

  it('`SWEPT` contains no option that changes the rows or the length of a trial', () => {
    const fixed = Object.entries(TRAIN_TASK_OPTIONS).filter(([name]) => SWEPT[name] === undefined);
    expect(fixed.filter(([, { group }]) => group !== 'columns' && group !== 'reading').map(([name]) => name)).toEqual([
      'steps',
      'validateEvery',
      'seed',
      'task',
      'testImages',
    ]);
    expect(Object.keys(SWEPT)).toContain('transform');
  });
});

describe('a parameter', () => {
  it.each<[string, Parameter, string]>([
    ['an unknown name', list('rate', 1, 2), 'Unknown parameter of a sweep'],
    ['the seed', list('seed', 1, 2), 'seed cannot be a parameter of a sweep'],
    ['the length', list('steps', 1, 2), 'steps cannot be a parameter of a sweep'],
    ['a value out of range', list('lr', 0.1, -1), 'parameter lr: expected a number above 0, got -1'],
    ['a value twice', list('lr', 0.1, 1e-1), '0.1 twice'],
    ['no values', list('lr'), 'expected one at least'],
    ['a number for a list', list('hidden', 64, 64), 'separate the values by semicolons, as in 37,37;64,64'],
    ['another type', list('flip', 'yes'), 'expected true or false'],
    ['ends in the wrong order', interval('lr', 'log', 1e-2, 1e-4), 'a lower end below the upper end'],
    ['the logarithm of 0', interval('lr', 'log', 0, 1), 'ends above 0'],
    ['halves as whole numbers', interval('blocks', 'int', 1.5, 3), 'whole numbers'],
    ['numbers between whole ones', interval('blocks', 'real', 1, 3), 'an interval of whole numbers, int'],
    ['an end out of range', interval('coeff', 'real', 0.5, 1.5), 'a number between 0 and 1'],
    ['an interval of names', interval('net', 'int', 1, 3), 'an option with a number'],
  ])('`planSweep` refuses a parameter with %s', (_name, parameter, message) => {
    expect(() => plan({ parameters: [parameter] })).toThrow(message);
  });
});

describe('trials', () => {
  it('`gridTrials` returns all combinations of the values', () => {
    expect(gridTrials([list('lr', 1, 2), list('blocks', 3, 4, 5)])).toEqual(
      [1, 2].flatMap((lr) => [3, 4, 5].map((blocks) => ({ lr, blocks }))),
    );
  });

  it('`randomTrials` draws different choices within the intervals, and the same choices for the same seed', () => {
    const parameters = [
      interval('lr', 'log', 1e-4, 1e-2),
      interval('blocks', 'int', 2, 8),
      list('net', 'spectral', 'sandwich'),
      interval('coeff', 'real', 0.5, 0.99),
    ];
    const drawn = randomTrials(parameters, 400, 3);
    expect(randomTrials(parameters, 500, 3).slice(0, 400)).toEqual(drawn);
    expect(randomTrials(parameters, 400, 4)).not.toEqual(drawn);
    expect(new Set(drawn.map((choice) => JSON.stringify(choice))).size).toBe(400);
    for (const { name, low, high } of parameters.filter((each): each is IntervalParameter => 'scale' in each)) {
      const values = drawn.map((choice) => Number(choice[name]));
      expect(Math.min(...values)).toBeGreaterThanOrEqual(low);
      expect(Math.max(...values)).toBeLessThanOrEqual(high);
    }
    // About half of the log-uniform rates are below the geometric middle of the interval. All seven numbers of blocks
    // are about equally frequent.
    const below = drawn.filter(({ lr }) => Number(lr) < 1e-3).length;
    expect(Math.abs(below - 200)).toBeLessThan(50);
    const counts = [2, 3, 4, 5, 6, 7, 8].map((n) => drawn.filter(({ blocks }) => blocks === n).length);
    for (const count of counts) expect(Math.abs(count - 400 / 7)).toBeLessThan(30);
  });

  it('`randomTrials` can draw all choices, and refuses to draw more trials than there are choices', () => {
    const parameters = [list('lr', 1, 2), interval('blocks', 'int', 3, 5)];
    expect(new Set(randomTrials(parameters, 6, 0).map((choice) => JSON.stringify(choice))).size).toBe(6);
    expect(() => randomTrials(parameters, 7, 0)).toThrow('More trials than choices');
  });
});

describe('`planSweep`', () => {
  it('`planSweep` uses default values for options that a request leaves out', () => {
    expect(plan()).toEqual({
      version: 1,
      place: { data: 'rows.csv' },
      parameters: [RATES],
      options: {},
      plugins: [],
      search: 'grid',
      halving: 3,
      asynchronous: false,
      rungs: [112, 334, 1000],
      trials: [{ lr: 0.001 }, { lr: 0.003 }],
    });
  });

  it('`planSweep` draws trials at random if `trials` is smaller than the number of combinations', () => {
    const four = list('lr', 1, 2, 3, 4);
    expect(plan({ parameters: [interval('lr', 'log', 1e-4, 1e-2)] })).toMatchObject({
      search: 'random',
      trials: { length: 20 },
    });
    expect(plan({ parameters: [four], trials: 2 })).toMatchObject({ search: 'random', trials: { length: 2 } });
    expect(plan({ parameters: [four], trials: 4 }).search).toBe('grid');
  });

  it('`planSweep` makes validations frequent enough for a short first rung', () => {
    const every = (request: Parameters<typeof plan>[0]): unknown => plan(request).options.validateEvery;
    expect([90, 27, 450, 900].map((steps) => every({ steps }))).toEqual([5, 3, 12, undefined]);
    expect(every({ steps: 90, options: { validateEvery: 4 } })).toBe(4);
  });

  it('trial 0 of `planSweep` has only the options that all trials share, without those that are false', () => {
    const made = plan({ parameters: [list('flip', true, false)], options: { lr: 1e-2 } });
    expect([0, 1, 2].map((trial) => trialOptions(made, trial))).toEqual([
      { lr: 0.01 },
      { lr: 0.01, flip: true },
      { lr: 0.01 },
    ]);
  });

  const wrong: readonly [string, Partial<SweepRequest>, string][] = [
    ['no parameters', { parameters: [] }, 'No parameters to vary'],
    ['a parameter twice', { parameters: [list('lr', 1), list('lr', 2)] }, 'The parameter lr is given twice'],
    ['an unknown option', { options: { rate: 3 } as object }, 'Unknown option'],
    ['a length', { options: { steps: 3 } as object }, 'Unknown option'],
    ['a wrong option', { options: { clip: -3 } }, 'Wrong value of the option clip'],
    ['a parameter as an option', { options: { lr: 3 } }, 'lr is a parameter and an option'],
    [
      'a grid of an interval',
      { parameters: [interval('lr', 'log', 1, 2)], search: 'grid' },
      'A grid search needs lists of values',
    ],
    ['part of a grid', { search: 'grid', trials: 1 }, 'A grid tries all choices'],
    ['too many trials', { trials: 3 }, 'expected the option trials of at most 2, got 3'],
    ['rungs without halving', { halving: false, minSteps: 3 }, 'The option minSteps has no effect without halving'],
    [
      'ASHA without halving',
      { halving: false, asynchronous: true },
      'The option asynchronous has no effect without halving',
    ],
    ['a long first rung', { minSteps: 1001 }, 'The option minSteps is larger than the option steps'],
    ['few validations', { minSteps: 50, options: { validateEvery: 113 } }, 'ends before its first validation'],
    [
      'a trial that a training refuses',
      { parameters: [list('model', 'implicit', 'coupling'), list('net', 'spectral', 'sandwich')] },
      'Trial 3, model coupling, net spectral: The option net has no effect in a coupling flow',
    ],
    ['a long warm-up', { parameters: [list('warmup', 10, 2000)] }, 'Trial 2, warmup 2000: The warm-up is longer than'],
  ];
  it.each(wrong)('`planSweep` refuses %s', (_name, request, message) => {
    expect(() => plan(request)).toThrow(message);
  });

  it('`planSweep` refuses a trial whose options the argument `check` refuses', () => {
    const refuse = (options: object): void => {
      if ('flip' in options) throw new Error('no flips');
    };
    expect(() => planSweep({ place: { data: 'x' }, parameters: [list('flip', true, false)] }, refuse)).toThrow(
      'no flips',
    );
  });
});
