import { wasm } from '@impflow/backend-wasm';
import { key, normals } from '@impflow/core';
import { frameOf, logDensitiesOf, pickValues } from '@impflow/tables';
import { runKey } from '@impflow/training';
import { add, dispose } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { FitEvent } from '../../src/events.ts';
import { completeSettings, type Settings } from '../../src/options/settings.ts';
import { buildLearner } from '../../src/table/learner.ts';
import { mixtureDensities, startAsMixture } from '../../src/table/mixture.ts';
import { rowCount } from '../../src/table/part.ts';
import { planTable } from '../../src/table/plan.ts';
import { splitTable, type TableParts } from '../../src/table/split.ts';
import { penguins } from '../penguins.ts';

beforeAll(() => wasm().start());

const partsOf = (rows: readonly object[], transform: readonly string[] = ['auto']): Promise<TableParts> =>
  splitTable(
    { frame: frameOf(rows as readonly Record<string, unknown>[], 'rows') },
    { key: runKey(0, 'data'), transform },
  );

/** Returns the plans of a training with these settings, and the events of planning. */
const planOf = (parts: TableParts, given: Partial<Settings>) => {
  const events: FitEvent[] = [];
  const settings = completeSettings(given, {
    source: parts.source,
    rows: rowCount(parts.complete),
    dim: parts.fitted.maps.length,
    hasContext: parts.fitted.columns.some(({ kind }) => kind === 'category'),
    seesNumbers: false,
  });
  const plans = planTable(parts, parts.complete, { ...settings, workers: 1 }, 1e-3, (event) => events.push(event));
  return { plans, events };
};

/** Rows of `columns` numbers. Each row is a function of independent normal numbers. */
const rowsBy = (count: number, columns: number, of: (noise: Float64Array) => readonly number[], seed = 1) => {
  const noise = Float64Array.from(normals(key(seed), count * columns));
  return Array.from({ length: count }, (_, i) =>
    Object.fromEntries(of(noise.slice(i * columns, (i + 1) * columns)).map((value, j) => [`x${j}`, value])),
  );
};

describe('a flow over a fitted mixture', () => {
  it.each([
    ['numbers', () => rowsBy(400, 3, ([a, b, c]) => [a! + (b! > 0 ? 4 : 0), b!, a! + c!])],
    ['categories and a condition', () => penguins.filter(({ beak, sex }) => beak !== null && sex !== null)],
  ] as const)('begins with the density of the mixture: %s', async (_what, rows) => {
    const parts = await partsOf(rows());
    const { plans } = planOf(parts, { steps: 1, base: 'fitted', hidden: [8], blocks: 2 });
    const { mixture, spec } = plans.first;
    const learner = buildLearner(spec, { key: runKey(0, 'weights') });
    startAsMixture(learner.density, mixture!, parts.validation.values);
    const wanted = mixtureDensities(mixture!.spec, mixture!.choice.fit, parts.test.values);
    const found = logDensitiesOf(learner.density, learner.density.eventsOf(parts.test.values), { estimated: false });
    // The log-densities are about 20 nats in float32, which determines the tolerance.
    for (const [i, value] of found.values.entries()) expect(Math.abs(value - wanted[i]!)).toBeLessThan(1e-3);
    dispose(Object.values(learner.model.parameters));
  });

  it('is refused if its blocks do not begin as the identity', async () => {
    const parts = await partsOf(rowsBy(100, 2, ([a, b]) => [a!, b!]));
    const { plans } = planOf(parts, { steps: 1, base: 'fitted', hidden: [8], blocks: 1 });
    const { mixture, spec } = plans.first;
    const learner = buildLearner(spec, { key: runKey(0, 'weights') });
    for (const parameter of Object.values(learner.model.parameters)) parameter.assign(add(parameter, 0.3));
    const base = learner.density.flow.base;
    const { values } = parts.validation;
    // The base is set to the mixture, but the nets are not.
    expect(() => startAsMixture(learner.density, mixture!, pickValues(values, Uint32Array.of(0, 1, 2)))).toThrow(
      /The base fitted does not fit this model: expected blocks that begin as the identity/,
    );
    expect(base.name).toBe('mixture');
    dispose(Object.values(learner.model.parameters));
  });
});

describe('the scaling of a timed training', () => {
  const chosen = async (rows: readonly object[], transform?: readonly string[]) => {
    const { plans, events } = planOf(await partsOf(rows, transform), {
      seconds: 1,
      ...(transform === undefined ? {} : { transform }),
    });
    const choices = events.filter((event) => event.kind === 'choice');
    return { ...plans.first.settings, tried: choices.map(({ candidate }) => candidate), choices };
  };

  it('stays standard if no other scaling is better', async () => {
    const { scaling, tried, choices } = await chosen(rowsBy(300, 3, ([a, b, c]) => [a!, 2 * b!, c! - 5]));
    expect(scaling).toBe('standard');
    expect(tried).toEqual(['standardized columns', 'whitened columns', 'columns by quantiles']);
    expect(choices.map(({ taken }) => taken)).toEqual([true, false, false]);
  });

  it('is whitening if a full covariance is hard to estimate', async () => {
    // Eight columns share one factor. In few rows, a full covariance is hard to estimate, but a shrunken covariance is
    // not.
    const { scaling } = await chosen(
      rowsBy(60, 9, (noise) => Array.from({ length: 8 }, (_, j) => 3 * noise[8]! + 0.3 * noise[j]!)),
    );
    expect(scaling).toBe('whitened');
  });

  it('is quantiles if the columns are far from normal', async () => {
    // Values of a step function of normal numbers lie close to a few places that are far apart.
    const step = (x: number): number => {
      const place = Math.floor(3 * x);
      return place * Math.abs(place) + 0.02 * (3 * x - place);
    };
    const { scaling, tried } = await chosen(
      rowsBy(300, 2, ([a, b]) => [step(a!), step(0.9 * a! + 0.44 * b!)]),
      ['none'],
    );
    expect(tried).toEqual(['standardized columns', 'columns by quantiles']);
    expect(scaling).toBe('quantiles');
  });

  it('is the option scaling, if it is given', async () => {
    const { plans, events } = planOf(await partsOf(rowsBy(100, 3, ([a, b, c]) => [a!, b!, c!])), {
      seconds: 1,
      scaling: 'whitened',
    });
    expect(plans.first.settings.scaling).toBe('whitened');
    expect(events.filter(({ kind }) => kind === 'choice').length).toBeLessThan(2);
  });

  it('is not chosen if the length of the training is given in steps', async () => {
    const { plans, events } = planOf(await partsOf(rowsBy(100, 3, ([a, b, c]) => [a!, b!, c!])), { steps: 5 });
    expect(events).toEqual([]);
    expect(plans.first.settings.scaling).toBeUndefined();
    expect(plans.first.mixture).toBeUndefined();
  });
});
