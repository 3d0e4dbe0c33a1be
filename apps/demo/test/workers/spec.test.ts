import { wasm } from '@impflow/backend-wasm';
import { buildFlow, toyPreset } from '@impflow/flows';
import { specOf } from 'impflow/run';
import { expect, it } from 'vitest';
import { TOY_PRESET, type ModelChoice } from '../../src/config.ts';
import { prepare } from '../../src/workers/data/prepare.ts';
import { settingsOf } from '../../src/workers/spec.ts';

const { parts } = await prepare({ choice: { kind: 'toy', name: 'moons', noise: 0, size: 0 }, seed: 0 });
const flowOf = (model: ModelChoice) => specOf(parts.fitted, parts.complete, settingsOf(model), true).flow;

it('the model settings in `TOY_PRESET` give the same spec as `toyPreset`', () => {
  expect(flowOf(TOY_PRESET)).toEqual(toyPreset());
});

it('a spec contains the chosen solver and estimator with their options', () => {
  const solver = { name: 'anderson', options: { memory: 3 } };
  const spec = flowOf({ ...TOY_PRESET, kind: 'residual', blocks: 1, solver, logDet: { name: 'exact' } });
  expect(spec.blocks.map(({ kind }) => kind)).toEqual(['residual', 'residual']);
  expect(spec).toMatchObject({ solver, logDet: { name: 'exact' } });
});

it('the settings of a coupling flow contain only options that coupling flows use', async () => {
  await wasm().start();
  const spec = flowOf({
    kind: 'coupling',
    blocks: 2,
    hidden: [8],
    activation: 'of no plugin',
    coeff: 0.5,
    solver: { name: 'of no plugin' },
    logDet: { name: 'of no plugin' },
  });
  expect(JSON.stringify(spec)).not.toContain('of no plugin');
  expect(Object.keys(buildFlow(spec).parameters).length).toBeGreaterThan(0);
});
