import { wasm, type WasmOptions } from '@impflow/backend-wasm';
import { fold, key, normals } from '@impflow/core';
import { decodeCheckpoint } from '@impflow/training';
import { fit } from 'impflow';
import { beforeAll, describe, expect, it } from 'vitest';

/** Rows with two dependent numeric columns, a category column and gaps. */
const rows = Array.from({ length: 600 }, (_, i) => {
  const [a, b] = normals(fold(key(3), i), 2) as unknown as readonly [number, number];
  return { kind: i % 3 === 0 ? 'one' : 'two', x: a + (i % 3), y: i % 11 === 4 ? null : 0.5 * a * a + b };
});

/** Trains for 200 steps, and returns the tensors and the held-out score quantiles of the model. */
const trainedOn = async (kernels: WasmOptions['kernels'] & {}) => {
  const model = await fit(rows, { steps: 200, seed: 5, missing: 'impute', workers: 1, backend: wasm({ kernels }) });
  const { tensors, extra } = decodeCheckpoint(model.toBytes());
  const { quantiles } = extra as { readonly quantiles: readonly number[] };
  const { heldOut, backend } = model.report;
  model.dispose();
  return { backend, results: { tensors, quantiles, heldOut } };
};

const SETS = ['avx512', 'avx2', 'neon'] as const;
/** Instruction sets for which native kernels run on this processor. Empty if the native library was not built. */
const here = new Set<string>();
for (const isa of SETS) {
  const backend = await wasm({ kernels: { isa } })
    .start()
    .catch(() => undefined);
  if (backend !== undefined) here.add(isa);
  backend?.dispose();
}

describe('a training of 200 steps', () => {
  let expected: Awaited<ReturnType<typeof trainedOn>>['results'];
  beforeAll(async () => {
    ({ results: expected } = await trainedOn('wasm'));
  });

  for (const isa of SETS)
    it.runIf(here.has(isa))(`a training with native ${isa} kernels gives the same bits as WebAssembly`, async () => {
      const { backend, results } = await trainedOn({ isa });
      expect(backend).toBe(`wasm (${isa})`);
      expect(results).toEqual(expected);
    });
});
