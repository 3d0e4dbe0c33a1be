import { drawNormal, key } from '@impflow/core';
import { buildFlow, builtInRegistries, toyPreset } from '@impflow/flows';
import { mlp } from '@impflow/lipschitz';
import { openDensity } from 'impflow/run';
import { expect, it } from 'vitest';

const spec = toyPreset({ blocks: 1, hidden: [4] });

// No backend runs in this process.
it.each<readonly [string, () => unknown]>([
  ['buildFlow', () => buildFlow(spec)],
  ['mlp', () => mlp({ dim: 2, key: key(0) })],
  ['drawNormal', () => drawNormal(key(0), [2])],
  [
    'a model of a file',
    () => openDensity({ format: 'impflow', version: 1, spec, seed: 0, step: 0, tensors: {} }, builtInRegistries, 'run'),
  ],
])('without a backend, the error names the call that starts one: %s', (_, call) => {
  expect(call).toThrow(/No backend of TensorFlow\.js runs: .*Call: await wasm\(\)\.start\(\)/);
});
