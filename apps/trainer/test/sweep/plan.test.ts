import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { knownOptions } from '../../src/cli/sweep-options.ts';
import { gridTrials, randomTrials } from '../../src/sweep/draw-trials.ts';
import { parameterOf, partedParameter, SWEPT, type IntervalParameter } from '../../src/sweep/parameter.ts';
import { sweepPlan, trialOptions, type SweepPlan, type SweepRequest } from '../../src/sweep/plan.ts';
import { TRAIN_TASK_OPTIONS } from '../../src/tasks/train-task.ts';

const known = knownOptions();
const parameter = (text: string): ReturnType<typeof parameterOf> => parameterOf(...partedParameter(text), known);
const plan = ({
  params = ['lr=1e-3,3e-3'],
  ...rest
}: Partial<SweepRequest> & { params?: readonly string[] } = {}): SweepPlan =>
  sweepPlan({ parameters: params.map(parameter), options: { data: 'moons' }, plugin: [], ...rest }, known);

describe('options', () => {
  it('of a task are options of train, and name no other place and no module', () => {
    const names = known.map(({ name }) => name);
    expect(TRAIN_TASK_OPTIONS.filter((name) => !names.includes(name))).toEqual([]);
    expect(names.filter((name) => !TRAIN_TASK_OPTIONS.includes(name)).toSorted()).toEqual(
      ['plugin', 'json', 'quiet', 'seconds', 'epochs', 'until', 'out', 'resume', 'force'].toSorted(),
    );
  });

  it('that are parameters are options of a task', () => {
    expect(SWEPT.filter((name) => !TRAIN_TASK_OPTIONS.includes(name))).toEqual([]);
  });
});

describe('parameterOf', () => {
  it.each([
    ['lr=1e-3,3e-3', { name: 'lr', values: ['0.001', '0.003'] }],
    ['--blocks=4', { name: 'blocks', values: ['4'] }],
    ['hidden=37,37;64,64', { name: 'hidden', values: ['37,37', '64,64'] }],
    [
      'solver=newton;anderson:memory=8,damping=0.9',
      { name: 'solver', values: ['newton', 'anderson:{"damping":0.9,"memory":8}'] },
    ],
    ['flip=true,false', { name: 'flip', values: ['true', 'false'] }],
    ['lr=log:1e-4:1e-2', { name: 'lr', scale: 'log', low: 1e-4, high: 1e-2 }],
    ['coeff=real:0.5:0.99', { name: 'coeff', scale: 'real', low: 0.5, high: 0.99 }],
    ['blocks=int:2:8', { name: 'blocks', scale: 'int', low: 2, high: 8 }],
    ['transform=none;log:price', { name: 'transform', values: ['none', 'log:price'] }],
  ])('reads %s', (text, found) => {
    expect(parameter(text)).toEqual(found);
  });

  it.each([
    ['lr', 'Wrong value of --param'],
    ['=3', 'Wrong value of --param'],
    ['lr=', 'Wrong value of --param'],
    ['rate=1,2', 'Unknown parameter of a sweep'],
    ['seed=1,2', 'seed cannot be a parameter of a sweep'],
    ['steps=1,2', 'steps cannot be a parameter of a sweep'],
    ['data=moons,rings', 'data cannot be a parameter of a sweep'],
    ['lr=0.1,-1', 'Wrong value of --lr: expected a number above 0, got "-1"'],
    ['lr=0.1,1e-1', '0.1 twice'],
    ['hidden=64,64', "separate the values by semicolons, such as --param 'hidden=37,37;64,64'"],
    ['net=spectral,sandwhich', 'sandwich'],
    ['flip=yes', 'expected true or false'],
    ['lr=log:1e-2:1e-4', 'a low end below the high one'],
    ['lr=log:0:1', 'ends above 0'],
    ['blocks=int:1.5:3', 'whole numbers'],
    ['blocks=real:1:3.5', 'Wrong value of --blocks'],
    ['coeff=real:0.5:1.5', 'Wrong value of --coeff'],
    ['net=int:1:3', 'Unknown value of --net'],
    ['lr=log:1e-4:x', 'Wrong value of --lr'],
  ])('refuses %s', (text, message) => {
    expect(() => parameter(text)).toThrow(message);
  });
});

describe('trials', () => {
  it('of a grid are all choices', () => {
    expect(gridTrials([parameter('lr=1,2'), parameter('blocks=3,4,5')])).toEqual(
      ['1', '2'].flatMap((lr) => ['3', '4', '5'].map((blocks) => ({ lr, blocks }))),
    );
  });

  it('of a random search are different, within the intervals, and the same for a seed', () => {
    const parameters = ['lr=log:1e-4:1e-2', 'blocks=int:2:8', 'net=spectral,sandwich', 'coeff=real:0.5:0.99'].map(
      parameter,
    );
    const drawn = randomTrials(parameters, 400, 3);
    expect(randomTrials(parameters, 500, 3).slice(0, 400)).toEqual(drawn);
    expect(randomTrials(parameters, 400, 4)).not.toEqual(drawn);
    expect(new Set(drawn.map((choice) => JSON.stringify(choice))).size).toBe(400);
    for (const { name, low, high } of parameters.filter((each): each is IntervalParameter => 'scale' in each)) {
      const values = drawn.map((choice) => Number(choice[name]));
      expect(Math.min(...values)).toBeGreaterThanOrEqual(low);
      expect(Math.max(...values)).toBeLessThanOrEqual(high);
    }
    // Evenly by logarithm: as many below the middle as above it, and all seven numbers of blocks about as often.
    const below = drawn.filter(({ lr }) => Number(lr) < 1e-3).length;
    expect(Math.abs(below - 200)).toBeLessThan(50);
    const counts = [2, 3, 4, 5, 6, 7, 8].map((n) => drawn.filter(({ blocks }) => blocks === String(n)).length);
    for (const count of counts) expect(Math.abs(count - 400 / 7)).toBeLessThan(30);
  });

  it('of a random search over few choices end with all of them', () => {
    const parameters = [parameter('lr=1,2'), parameter('blocks=int:3:5')];
    expect(new Set(randomTrials(parameters, 6, 0).map((choice) => JSON.stringify(choice))).size).toBe(6);
    expect(() => randomTrials(parameters, 7, 0)).toThrow('More trials than choices');
  });
});

describe('sweepPlan', () => {
  it('has defaults', () => {
    expect(plan()).toEqual({
      version: 1,
      parameters: [{ name: 'lr', values: ['0.001', '0.003'] }],
      options: { data: 'moons' },
      plugin: [],
      search: 'grid',
      halving: 3,
      asynchronous: false,
      rungs: [112, 334, 1000],
      trials: [{ lr: '0.001' }, { lr: '0.003' }],
    });
  });

  it('draws where not all choices are tried', () => {
    expect(plan({ params: ['lr=log:1e-4:1e-2'] })).toMatchObject({ search: 'random', trials: { length: 20 } });
    expect(plan({ params: ['lr=1,2,3,4'], trials: 2 })).toMatchObject({ search: 'random', trials: { length: 2 } });
    expect(plan({ params: ['lr=1,2,3,4'], trials: 4 }).search).toBe('grid');
  });

  it('validates often enough in a short first rung', () => {
    const every = (request: Parameters<typeof plan>[0]): unknown => plan(request).options['validate-every'];
    expect([90, 27, 450, 900].map((steps) => every({ steps }))).toEqual(['5', '3', '12', undefined]);
    expect(every({ steps: 90, options: { data: 'moons', 'validate-every': '4' } })).toBe('4');
  });

  it('makes paths absolute, and gives trial 0 the options of all trials alone', () => {
    const made = plan({ params: ['flip=true,false'], options: { data: './rows.csv', lr: '1e-2' } });
    expect(trialOptions(made, 0)).toEqual({ data: resolve('rows.csv'), lr: '0.01' });
    expect(trialOptions(made, 1)).toEqual({ data: resolve('rows.csv'), lr: '0.01', flip: true });
    expect(trialOptions(made, 2)['flip']).toBe(false);
  });

  const wrong: readonly [string, Parameters<typeof plan>[0], string][] = [
    ['no parameters', { params: [] }, 'Nothing to try'],
    ['a parameter twice', { params: ['lr=1', 'lr=2'] }, 'Two parameters lr'],
    ['no data', { options: {} }, 'Nothing to train on'],
    ['an unknown option', { options: { data: 'moons', rate: '3' } }, 'Unknown option of all trials'],
    ['another folder', { options: { data: 'moons', out: 'x' } }, 'Unknown option of all trials'],
    ['a wrong option', { options: { data: 'moons', clip: '-3' } }, 'Wrong value of --clip'],
    ['a missing value', { options: { data: 'moons', net: true } }, 'Wrong value of --net: expected a value'],
    ['a parameter as an option', { options: { data: 'moons', lr: '3' } }, 'lr is a parameter and an option'],
    ['a grid of an interval', { params: ['lr=log:1:2'], search: 'grid' }, 'A grid has no intervals'],
    ['part of a grid', { params: ['lr=1,2'], search: 'grid', trials: 1 }, 'A grid tries all choices'],
    ['too many trials', { params: ['lr=1,2'], trials: 3 }, 'expected --trials of at most 2, got 3'],
    ['rungs without halving', { halving: false, minSteps: 3 }, '--no-halving has no use for --min-steps'],
    ['ASHA without halving', { halving: false, asynchronous: true }, '--no-halving has no use for --asynchronous'],
    ['a long first rung', { minSteps: 1001 }, '--min-steps is larger than --steps'],
    [
      'few validations',
      { minSteps: 50, options: { data: 'moons', 'validate-every': '113' } },
      'ends before its first validation',
    ],
    [
      'a trial that train refuses',
      { params: ['model=implicit,coupling', 'net=spectral,sandwich'] },
      'Trial 3, model coupling, net spectral: --net has no use in a coupling flow',
    ],
    ['a long warm-up', { params: ['warmup=10,2000'] }, 'Trial 2, warmup 2000: The warm-up is longer than the run'],
  ];
  it.each(wrong)('refuses %s', (_name, request, message) => {
    expect(() => plan(request)).toThrow(message);
  });
});
