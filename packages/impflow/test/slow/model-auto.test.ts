import { wasm } from '@impflow/backend-wasm';
import { builtInRegistries } from '@impflow/flows';
import { frameOf } from '@impflow/tables';
import { runKey } from '@impflow/training';
import { memory } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import type { FitEvent } from '../../src/events.ts';
import { settingsFor } from '../../src/fitting/settings-for.ts';
import type { PlainChoices } from '../../src/options/options.ts';
import { readTable } from '../../src/read-table.ts';
import { planTable, type PlanTableOptions, type TablePlans } from '../../src/table/plan.ts';
import { lossOfShortTraining } from '../../src/table/short-training.ts';
import { splitTable, type TableParts } from '../../src/table/split.ts';
import { penguins, vegaPath } from '../penguins.ts';

beforeAll(() => wasm().start());

const KINDS = ['implicit', 'residual', 'monotone'];

/** Plans a training as `fit` does, at a time when `secondsLeft` seconds are left. */
const planned = async (
  parts: TableParts,
  choices: PlainChoices,
  secondsLeft: number,
): Promise<{
  readonly plans: TablePlans;
  readonly events: readonly FitEvent[];
  readonly options: PlanTableOptions;
}> => {
  const events: FitEvent[] = [];
  const options: PlanTableOptions = {
    choosesModel: choices.model === 'auto',
    mixtureRate: 1e-3,
    registries: builtInRegistries,
    secondsLeft: () => secondsLeft,
    onEvent: (event) => events.push(event),
  };
  const settings = { ...settingsFor(choices, parts, { registries: builtInRegistries }), workers: 1 };
  return { plans: await planTable(parts, parts.complete, settings, options), events, options };
};

it('with `model` auto, short trainings on a real table compare three kinds of blocks, and the best kind is taken', async () => {
  const source = await readTable(vegaPath('zipcodes.csv'), {});
  const choices = {
    columns: ['latitude', 'longitude'],
    model: 'auto',
    seconds: 60,
    scaling: 'standard',
    transform: ['none'],
    base: 'normal',
  } as const;
  const parts = await splitTable(source, { ...choices, key: runKey(0, 'data') });
  const before = memory().numTensors;
  // Each of the three short trainings takes 12 % of 42 seconds.
  const { plans, events } = await planned(parts, choices, 42);
  expect(memory().numTensors).toBe(before);
  const tried = events.filter((event) => event.kind === 'choice');
  expect(tried.map(({ of, candidate }) => [of, candidate])).toEqual(KINDS.map((kind) => ['model', `${kind} blocks`]));
  const losses = tried.map(({ loss }) => loss);
  expect(losses.every(Number.isFinite)).toBe(true);
  const best = KINDS[losses.indexOf(Math.min(...losses))]!;
  const { settings, spec } = plans.first;
  expect(settings.model).toBe(best);
  expect(spec.flow.blocks.at(-1)!.kind).toBe(best);
}, 60_000);

it('short trainings with conditions and categories start from the fitted mixture, for each kind of block', async () => {
  const rows = penguins.filter(({ beak, sex }) => beak !== null && sex !== null);
  const parts = await splitTable(
    { frame: frameOf(rows as unknown as readonly Record<string, unknown>[], 'penguins') },
    { given: ['species', 'mass'], key: runKey(0, 'data') },
  );
  const losses: number[] = [];
  for (const model of KINDS) {
    // With this learning rate, the loss stays the loss of the mixture.
    const choices = { model, steps: 10, hidden: [8], blocks: 1, base: 'fitted', lr: 1e-9 };
    const { plans, options } = await planned(parts, choices, 1);
    const before = memory().numTensors;
    losses.push((await lossOfShortTraining(0.5, parts, parts.complete, plans.first, options))!);
    expect(memory().numTensors).toBe(before);
  }
  for (const loss of losses) expect(loss).toBeCloseTo(losses[0]!, 3);
}, 30_000);
