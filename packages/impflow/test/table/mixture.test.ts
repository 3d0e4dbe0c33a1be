import { wasm } from '@impflow/backend-wasm';
import { key, normals } from '@impflow/core';
import { builtInRegistries } from '@impflow/flows';
import { frameOf, logDensitiesOf, pickValues } from '@impflow/tables';
import { runKey } from '@impflow/training';
import { add, dispose, memory, tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { FitEvent } from '../../src/events.ts';
import { leadOf } from '../../src/measure/paired-difference.ts';
import { completeSettings, type Settings } from '../../src/options/settings.ts';
import { batchesOf } from '../../src/table/batches.ts';
import { buildLearner, initializeLearner } from '../../src/table/learner.ts';
import { lossOfMixture, mixtureDensities, startAsMixture } from '../../src/table/mixture.ts';
import { rowCount } from '../../src/table/part.ts';
import { planTable } from '../../src/table/plan.ts';
import { splitTable, type SplitTableOptions, type TableParts } from '../../src/table/split.ts';
import { penguins } from '../penguins.ts';

beforeAll(() => wasm().start());

const partsOf = (
  rows: readonly object[],
  transform: readonly string[] = ['auto'],
  options: Partial<SplitTableOptions> = {},
): Promise<TableParts> =>
  splitTable(
    { frame: frameOf(rows as readonly Record<string, unknown>[], 'rows') },
    { key: runKey(0, 'data'), transform, ...options },
  );

/** Plans a training with the given settings. Returns the plans and the events that planning sent. */
const planOf = async (
  parts: TableParts,
  given: Partial<Settings>,
  secondsLeft = given.seconds ?? 0,
  signal?: AbortSignal,
) => {
  const events: FitEvent[] = [];
  const settings = completeSettings(given, {
    source: parts.source,
    rows: rowCount(parts.complete),
    dim: parts.fitted.maps.length,
    hasContext: parts.fitted.columns.some(({ kind }) => kind === 'category'),
    seesNumbers: false,
  });
  const plans = await planTable(
    parts,
    parts.complete,
    { ...settings, workers: 1 },
    {
      choosesModel: false,
      mixtureRate: 1e-3,
      registries: builtInRegistries,
      secondsLeft: () => secondsLeft,
      signal,
      onEvent: (event) => events.push(event),
    },
  );
  return { plans, events };
};

/** Returns `count` rows. Each row is a function of `columns` independent normal numbers. */
const rowsBy = (count: number, columns: number, of: (noise: Float64Array) => readonly number[], seed = 1) => {
  const noise = Float64Array.from(normals(key(seed), count * columns));
  return Array.from({ length: count }, (_, i) =>
    Object.fromEntries(of(noise.slice(i * columns, (i + 1) * columns)).map((value, j) => [`x${j}`, value])),
  );
};

describe('a flow with a fitted base', () => {
  it.each([
    ['numbers', () => rowsBy(400, 3, ([a, b, c]) => [a! + (b! > 0 ? 4 : 0), b!, a! + c!])],
    ['categories and a condition', () => penguins.filter(({ beak, sex }) => beak !== null && sex !== null)],
  ] as const)('a new flow with a fitted base has the density of the mixture: %s', async (_what, rows) => {
    const parts = await partsOf(rows());
    const { plans } = await planOf(parts, { steps: 1, base: 'fitted', hidden: [8], blocks: 2 });
    const { mixture, spec } = plans.first;
    const learner = buildLearner(spec, { key: runKey(0, 'weights') });
    startAsMixture(learner.density, mixture!, parts.validation.values);
    const wanted = mixtureDensities(mixture!.spec, mixture!.choice.mixture(), parts.test.values);
    const found = logDensitiesOf(learner.density, learner.density.eventsOf(parts.test.values), { estimated: false });
    // The log-densities are float32 numbers of about 20 nats, so the tolerance is 1e-3.
    for (const [i, value] of found.values.entries()) expect(Math.abs(value - wanted[i]!)).toBeLessThan(1e-3);
    dispose(Object.values(learner.model.parameters));
  });

  it('a fitted base is refused if the blocks of the new flow are not the identity', async () => {
    const parts = await partsOf(rowsBy(100, 2, ([a, b]) => [a!, b!]));
    const { plans } = await planOf(parts, { steps: 1, base: 'fitted', hidden: [8], blocks: 1 });
    const { mixture, spec } = plans.first;
    const learner = buildLearner(spec, { key: runKey(0, 'weights') });
    for (const parameter of Object.values(learner.model.parameters)) parameter.assign(add(parameter, 0.3));
    const base = learner.density.flow.base;
    const { values } = parts.validation;
    // The base is the mixture, but the nets do not give the identity.
    expect(() => startAsMixture(learner.density, mixture!, pickValues(values, Uint32Array.of(0, 1, 2)))).toThrow(
      /The base "fitted" does not work with this model: expected blocks that are the identity before training/,
    );
    expect(base.name).toBe('mixture');
    dispose(Object.values(learner.model.parameters));
  });
});

describe('a second training', () => {
  // Two clusters of rows. An untrained flow is worse than a mixture of two Gaussians.
  const clusters = rowsBy(300, 2, ([a, b]) => [a! + (b! > 0 ? 9 : -9), b!]);

  /** Returns the plan of the second training and the events, after a first training that did not change the weights. */
  const secondOf = async (parts: TableParts, given: Partial<Settings>, secondsLeft?: number) => {
    const { plans, events } = await planOf(parts, { ...given, hidden: [8], blocks: 2 }, secondsLeft);
    const learner = buildLearner(plans.first.spec, { key: runKey(0, 'weights') });
    const begun = process.cpuUsage();
    const plan = await plans.second(learner, { step: 1, sinceBest: 0, optimizer: { step: 0, slots: {} } });
    const { user, system } = process.cpuUsage(begun);
    dispose(Object.values(learner.model.parameters));
    return { plan: plan!, events, seconds: (user + system) / 1e6 };
  };

  it('with few rows, a flow that is better by less than a standard error does not count as better, and the message says so', async () => {
    // An untrained flow and the mixture are both nearly the normal distribution of the rows.
    const { plan, events } = await secondOf(
      await partsOf(
        rowsBy(90, 2, ([a, b]) => [a!, b!]),
        ['none'],
      ),
      { seconds: 1, scaling: 'standard', transform: ['none'] },
    );
    const told = events.find((event) => event.kind === 'choice' && event.of === 'base');
    const [, lead, error] = /, lower by (\S+) ± (\S+) than/.exec((told as { text: string }).text) ?? [];
    expect(Number(lead)).toBeLessThan(Number(error));
    expect(told).toHaveProperty(
      'text',
      expect.stringContaining(
        'With few rows, a difference of less than a standard error does not count: the training starts again from the mixture.',
      ),
    );
    expect(plan.settings.base).toBe('fitted');
  });

  it.each([{ net: 'spectral' }, { activation: 'elu' }, { model: 'coupling' }] as const)(
    'the flow of a second training equals the mixture after the first batch initialized the flow: %j',
    async (given) => {
      const parts = await partsOf(clusters);
      const { plan } = await secondOf(parts, { seconds: 1, ...given });
      const { mixture, spec, settings } = plan;
      const learner = buildLearner(spec, { key: runKey(0, 'weights') });
      startAsMixture(learner.density, mixture!, parts.validation.values);
      const { rowsOfStep, shape } = batchesOf(parts, parts.complete, spec, settings);
      initializeLearner(learner, tensor(rowsOfStep(0), [...shape]), runKey(0, 'steps'));
      const wanted = mixtureDensities(mixture!.spec, mixture!.choice.mixture(), parts.test.values);
      const found = logDensitiesOf(learner.density, learner.density.eventsOf(parts.test.values), { estimated: false });
      for (const [i, value] of found.values.entries()) expect(Math.abs(value - wanted[i]!)).toBeLessThan(1e-3);
      dispose(Object.values(learner.model.parameters));
    },
  );

  it('starts from the better of the mixtures of two preparations, by the validation rows', async () => {
    const parts = await partsOf(
      rowsBy(3000, 2, ([a, b]) => [Math.exp(a!), b! + (a! > 0 ? 4 : 0)]),
      ['none'],
    );
    const { plan, events } = await secondOf(parts, { seconds: 4, transform: ['none'] });
    const compared = events.flatMap((event) => (event.kind === 'choice' && event.of === 'base' ? [event] : []));
    expect(compared.map(({ candidate }) => candidate)).toEqual(['fitted', 'fitted, columns by quantiles']);
    const [own, other] = compared;
    const loss = lossOfMixture(plan.mixture!, parts.validation);
    expect(loss).toBe(Math.min(own!.loss, other!.loss));
    expect(plan.settings.scaling).toBe(other!.taken ? 'quantiles' : 'standard');
    const late = await secondOf(parts, { seconds: 4, transform: ['none'] }, 0.5);
    expect(late.events.filter((event) => event.kind === 'choice' && event.of === 'base')).toHaveLength(1);
  });

  it('planning a second training fits no mixture, because the mixture is already fitted', async () => {
    const parts = await partsOf(
      rowsBy(4000, 8, (noise) => Array.from(noise, (z, j) => z * (noise[0]! > 0 ? 1 : j + 2))),
    );
    const begun = process.cpuUsage();
    const { seconds } = await secondOf(parts, { seconds: 12, scaling: 'standard', transform: ['none'] });
    const { user, system } = process.cpuUsage(begun);
    // A second plan that searched and fitted the mixture again would take nearly all of the time.
    expect(seconds).toBeLessThan((user + system) / 1e6 / 3);
  });
});

describe('weights of rows', () => {
  // Half of the rows lie near 0, and half lie near 8. A row near 8 has 9 times the weight of a row near 0.
  const rows = rowsBy(400, 2, ([a, b]) => [a! + (b! > 0 ? 8 : 0), b!]).map((row) => ({
    ...row,
    w: row['x1']! > 0 ? 9 : 1,
  }));

  it('row weights change the mixture from which a flow starts', async () => {
    const parts = await partsOf(rows, ['none'], { weights: 'w' });
    const { mixture } = (await planOf(parts, { steps: 1, base: 'fitted' })).plans.first;
    // Integrates the density over the region in which the first number is between two bounds.
    const mass = (low: number, high: number): number => {
      const [n, m] = [160, 60];
      const at = Array.from({ length: n * m }, (_, i) => [
        low + ((high - low) * (Math.floor(i / m) + 0.5)) / n,
        -5 + (10 * ((i % m) + 0.5)) / m,
      ]);
      const grid = { rows: n * m, columns: [0, 1].map((j) => Float64Array.from(at, (row) => row[j]!)), remarks: [] };
      const logs = mixtureDensities(mixture!.spec, mixture!.choice.mixture(), grid);
      return (logs.reduce((sum, log) => sum + Math.exp(log), 0) * (high - low) * 10) / (n * m);
    };
    expect(Math.abs(mass(4, 14) - 0.9)).toBeLessThan(0.03);
    expect(Math.abs(mass(-6, 4) - 0.1)).toBeLessThan(0.03);
  });

  it('row weights count in the comparison of flow and mixture', async () => {
    const parts = await partsOf(rows, ['none'], { weights: 'w' });
    const { plans, events } = await planOf(parts, { seconds: 1, scaling: 'standard', transform: ['none'] });
    const learner = buildLearner(plans.first.spec, { key: runKey(0, 'weights') });
    const second = await plans.second(learner, { step: 1, sinceBest: 0, optimizer: { step: 0, slots: {} } });
    dispose(Object.values(learner.model.parameters));
    const { mixture } = second!;
    const { values, weights } = parts.validation;
    const densities = mixtureDensities(mixture!.spec, mixture!.choice.mixture(), values);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const mean = densities.reduce((sum, value, row) => sum + weights[row]! * value, 0) / total;
    const told = events.find((event) => event.kind === 'choice' && event.of === 'base');
    expect(told).toMatchObject({ loss: expect.closeTo(-mean, 9) as number, taken: true });
    expect(told).toHaveProperty(
      'text',
      expect.stringMatching(
        /^On the validation rows, .*, higher by \S+ ± \S+ than the loss of the .*: the training starts again/,
      ),
    );
  });

  it('the lead of one list of log-densities over another is a weighted mean if the rows have weights', () => {
    const [a, b] = [
      [1, 1.1, 0.9, 0],
      [0, 0, 0, 9],
    ];
    expect(leadOf(a, b, [1, 1, 1, 1]).nats).toBeCloseTo((1 + 1.1 + 0.9 - 9) / 4, 12);
    expect(leadOf(a, b, [1, 1, 1, 0]).nats).toBeCloseTo(1, 12);
    expect(leadOf(b, a, [0, 0, 0, 1]).nats).toBeCloseTo(9, 12);
    // Three differences of 1, 1.1 and 0.9 have the standard deviation 0.1.
    expect(leadOf(a.slice(0, 3), b.slice(0, 3), [1, 1, 1]).standardError).toBeCloseTo(0.1 / Math.sqrt(3), 12);
  });
});

describe('the scaling of a training with a time limit', () => {
  it('if only a periodic column has a map, no scaling is tried without the map', async () => {
    const rows = rowsBy(120, 2, ([a, b]) => [180 + 50 * a!, b!]);
    const parts = await partsOf(rows, ['auto'], { periodic: ['x0:360'] });
    expect(parts.fitted.maps.map(({ map }) => map)).toEqual(['logit', 'identity']);
    const { events } = await planOf(parts, { seconds: 1, periodic: ['x0:360'] });
    const tried = events.flatMap((event) => (event.kind === 'choice' ? [event.candidate] : []));
    expect(tried).toEqual(['standardized columns', 'columns by quantiles']);
  });

  const chosen = async (rows: readonly object[], transform?: readonly string[], seconds = 0.7) => {
    const { plans, events } = await planOf(await partsOf(rows, transform), {
      seconds,
      ...(transform === undefined ? {} : { transform }),
    });
    const choices = events.filter((event) => event.kind === 'choice');
    return { ...plans.first.settings, tried: choices.map(({ candidate }) => candidate), choices };
  };

  it('a training with a time limit keeps standard scaling if no other scaling is better', async () => {
    const { scaling, tried, choices } = await chosen(rowsBy(300, 3, ([a, b, c]) => [a!, 2 * b!, c! - 5]));
    expect(scaling).toBe('standard');
    expect(tried).toEqual(['standardized columns', 'whitened columns', 'columns by quantiles']);
    expect(choices.map(({ taken }) => taken)).toEqual([true, false, false]);
    const [first, ...others] = choices.map(({ text }) => text.replace(/^.* by five folds\./, ''));
    expect(first).toBe('');
    const size = /\d+\.\d+ ± \d+\.\d+/.source;
    for (const reason of others)
      expect(reason).toMatch(
        new RegExp(
          `^ Not taken: (higher by ${size}|lower by ${size}, less than a standard error|the loss is equal)\\.$`,
        ),
      );
  });

  it('a training with a time limit chooses whitening if a full covariance is hard to estimate', async () => {
    // Eight columns depend on one common factor. From few rows, a full covariance is hard to estimate, but a shrunken
    // covariance is not.
    const { scaling } = await chosen(
      rowsBy(60, 9, (noise) => Array.from({ length: 8 }, (_, j) => 3 * noise[8]! + 0.3 * noise[j]!)),
    );
    expect(scaling).toBe('whitened');
  });

  it('a training with a time limit chooses quantile scaling if the columns are far from normal', async () => {
    // The values of a column are nearly a step function of normal numbers, so they lie close to a few numbers that are
    // far apart.
    const step = (x: number): number => {
      const place = Math.floor(3 * x);
      return place * Math.abs(place) + 0.02 * (3 * x - place);
    };
    const { scaling, tried } = await chosen(
      rowsBy(300, 2, ([a, b]) => [step(a!), step(0.9 * a! + 0.44 * b!)]),
      ['none'],
      2,
    );
    expect(tried).toEqual(['standardized columns', 'columns by quantiles']);
    expect(scaling).toBe('quantiles');
  });

  describe('with 1,000 rows or more', () => {
    const correlated = rowsBy(1400, 5, (noise) => Array.from({ length: 4 }, (_, j) => noise[4]! + 0.001 * noise[j]!));
    const given = { seconds: 1, transform: ['none'], hidden: [16], blocks: 2 };

    it('two short trainings choose between standardized and whitened columns', async () => {
      const parts = await partsOf(correlated, ['none']);
      const before = memory().numTensors;
      const { plans, events } = await planOf(parts, given, 43);
      expect(memory().numTensors).toBe(before);
      const choices = events.filter((event) => event.kind === 'choice');
      expect(choices.map(({ text }) => text.replace(/: .*/, ''))).toEqual([
        'Fitted mixture, standardized columns',
        'Fitted mixture, columns by quantiles',
        'Short training, standardized columns',
        'Short training, whitened columns',
      ]);
      // The columns are nearly equal. Contractive blocks learn such a density faster if the columns are whitened.
      const [standardized, whitened] = choices.slice(2);
      expect(whitened!.loss).toBeLessThan(standardized!.loss);
      expect(plans.first.settings.scaling).toBe('whitened');
    }, 30_000);

    it('an abort ends the choice without a result of the short trainings and without a mixture', async () => {
      const parts = await partsOf(correlated, ['none']);
      const { plans, events } = await planOf(parts, given, 43, AbortSignal.abort());
      expect(events.filter((event) => event.kind === 'choice')).toHaveLength(2);
      expect(plans.first.settings.scaling).toBe('standard');
      expect(plans.mixtureLoss).toBeUndefined();
    });

    it('there are no short trainings if they would take less than five seconds', async () => {
      const { plans, events } = await planOf(await partsOf(correlated, ['none']), given, 41);
      expect(events.filter((event) => event.kind === 'choice')).toHaveLength(2);
      expect(plans.first.settings.scaling).toBe('standard');
    });
  });

  it('a training with a time limit uses the option `scaling` if it is given', async () => {
    const { plans, events } = await planOf(await partsOf(rowsBy(100, 3, ([a, b, c]) => [a!, b!, c!])), {
      seconds: 1,
      scaling: 'whitened',
    });
    expect(plans.first.settings.scaling).toBe('whitened');
    expect(events.filter(({ kind }) => kind === 'choice').length).toBeLessThan(2);
  });

  it('no scaling is chosen if the length of the training is given in steps', async () => {
    const { plans, events } = await planOf(await partsOf(rowsBy(100, 3, ([a, b, c]) => [a!, b!, c!])), { steps: 5 });
    expect(events).toEqual([]);
    expect(plans.first.settings.scaling).toBeUndefined();
    expect(plans.first.mixture).toBeUndefined();
  });
});
