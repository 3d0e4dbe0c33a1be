import { key, normals } from '@impflow/core';
import { builtInRegistries } from '@impflow/flows';
import { toy } from '@impflow/tables';
import { runKey } from '@impflow/training';
import { describe, expect, it } from 'vitest';
import { settingsFor } from '../../src/fitting/settings-for.ts';
import { boundedNets } from '../../src/measure/audit.ts';
import type { PlainChoices } from '../../src/options/options.ts';
import type { Settings } from '../../src/options/settings.ts';
import { readRows } from '../../src/read-table.ts';
import { drawParts } from '../../src/table/draw-parts.ts';
import { specOf } from '../../src/table/spec.ts';
import { splitTable } from '../../src/table/split.ts';
import { gaussianRows } from '../tables.ts';

describe('the learning rate of a training with a time limit on many rows', () => {
  it.each<PlainChoices>([
    {},
    { given: ['x'] },
    { preset: 'toy' },
    { preset: 'toy', given: ['x'] },
    { preset: 'toy', net: 'sandwich' },
    { given: ['x'], net: 'spectral' },
    { given: ['x'], activation: 'sin' },
    { given: ['x'], model: 'coupling' },
  ])('the kind of nets in the spec determines the default learning rate: %j', async (given) => {
    const frame = await readRows(gaussianRows(1300, 1), {});
    const parts = await splitTable({ frame }, { ...given, key: runKey(0, 'data') });
    const settings = settingsFor(given, parts, { registries: builtInRegistries });
    const { flow } = specOf(parts.fitted, parts.complete, settings, false);
    expect(settings.seconds).toBe(60);
    expect(settings.lr).toBe(boundedNets(flow) === undefined ? 5e-3 : 1e-2);
  });
});

it('a training with a time limit on a sampler has the learning rate of the preset toy', () => {
  const parts = drawParts({ ...toy('moons'), columns: ['x', 'y'], source: 'moons' }, runKey(0, 'data'));
  const rateFor = (given: PlainChoices): number =>
    settingsFor({ seconds: 30, ...given }, parts, { registries: builtInRegistries }).lr;
  expect(rateFor({})).toBe(rateFor({ preset: 'toy' }));
  expect(rateFor({ net: 'spectral' })).toBe(5e-3);
  expect(rateFor({ preset: 'tabular' })).toBe(1e-2);
});

it('a training with a time limit has spectral nets for 1,000 to 20,000 training rows of at least seven columns', async () => {
  const netFor = async (count: number, columns: number): Promise<string | undefined> => {
    const { settings } = await planned(count, columns);
    expect(settings.lr).toBe(settings.net === 'spectral' ? 3e-2 : count < 1200 ? 1e-3 : 1e-2);
    expect(settings.optimizer).toMatch(settings.net === 'spectral' ? /^adamW:/ : /^adam$/);
    return settings.net;
  };
  expect(await netFor(1300, 7)).toBe('spectral');
  expect(await netFor(1300, 6)).toBeUndefined();
  expect(await netFor(1000, 7)).toBeUndefined();
  expect(await netFor(26_000, 7)).toBeUndefined();
});

it('spectral nets for fewer than 2,000 training rows have a larger weight decay and no act-norms', async () => {
  const [few, many] = [await planned(1300, 7), await planned(3000, 7)];
  expect(few.settings.optimizer).toBe('adamW:{"decaysVectors":false,"weightDecay":1}');
  expect(many.settings.optimizer).toBe('adamW:{"decaysVectors":false,"weightDecay":0.3}');
  expect(few.actNorms).toBe(0);
  expect(many.actNorms).toBe(6);
  const chosen = await planned(3000, 7, { optimizer: 'adam' });
  expect(chosen.settings.optimizer).toBe('adam');
});

/** Returns the settings of a training on normal rows, and the number of act-norms of the flow. */
const planned = async (
  count: number,
  columns: number,
  given: PlainChoices = {},
): Promise<{ readonly settings: Omit<Settings, 'workers'>; readonly actNorms: number }> => {
  const numbers = normals(key(count), count * columns);
  const rows = Array.from({ length: count }, (_, i) =>
    Object.fromEntries(Array.from({ length: columns }, (__, j) => [`x${j}`, numbers[i * columns + j]!])),
  );
  const parts = await splitTable({ frame: await readRows(rows, {}) }, { key: runKey(0, 'data') });
  const settings = settingsFor(given, parts, { registries: builtInRegistries });
  const { flow } = specOf(parts.fitted, parts.complete, settings, false);
  return { settings, actNorms: flow.blocks.filter(({ kind }) => kind === 'actNorm').length };
};
