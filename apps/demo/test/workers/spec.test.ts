import { wasm } from '@impflow/backend-wasm';
import { buildFlow, toyPreset } from '@impflow/flows';
import { expect, it } from 'vitest';
import { TOY_PRESET } from '../../src/config.ts';
import { specOf } from '../../src/workers/spec.ts';

it('equals the toy preset of the command line', () => {
  expect(specOf(TOY_PRESET, {})).toEqual(toyPreset());
});

it('converts from the units of the data first, and contains the chosen solver and estimator', () => {
  const scaling = { mean: [1, 2], scale: [3, 4] };
  const solver = { name: 'anderson', options: { memory: 3 } };
  const spec = specOf({ ...TOY_PRESET, kind: 'residual', blocks: 1, solver, logDet: { name: 'exact' } }, { scaling });
  expect(spec.blocks.map(({ kind }) => kind)).toEqual(['standardise', 'residual', 'residual']);
  expect(spec.blocks[0]).toEqual({ kind: 'standardise', ...scaling });
  expect(spec).toMatchObject({ solver, logDet: { name: 'exact' } });
});

it('omits options that a coupling flow does not use', async () => {
  await wasm().start();
  const spec = specOf(
    {
      kind: 'coupling',
      blocks: 2,
      hidden: [8],
      activation: 'of no plugin',
      coeff: 0.5,
      solver: { name: 'of no plugin' },
      logDet: { name: 'of no plugin' },
    },
    {},
  );
  expect(JSON.stringify(spec)).not.toContain('of no plugin');
  expect(Object.keys(buildFlow(spec).parameters).length).toBeGreaterThan(0);
});
