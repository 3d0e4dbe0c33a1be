import { wasm } from '@impflow/backend-wasm';
import type { Slot } from '@impflow/core';
import { onBackend } from '@impflow/testkit';
import { memory, tensor, tidy, type DataType } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { runKernel } from '../run-kernel.ts';

const TENSORS: readonly (readonly [readonly number[], readonly number[], DataType])[] = [
  [[1.5, NaN, -Infinity, 0, 1e-40, 3], [2, 3], 'float32'],
  [[], [0, 4], 'float32'],
  [[-7, 2 ** 30], [2], 'int32'],
  [[1, 0, 1], [3], 'bool'],
  [[0.1], [], 'float32'],
];

/** The slots (one per tensor) are stored one after the other, with gaps whose content must not change. */
const layout = (): readonly Slot[] => {
  let offset = 1;
  return TENSORS.map(([values, shape, dtype]) => {
    const slot = { shape, dtype, offset, size: values.length };
    offset += slot.size + 1;
    return slot;
  });
};

describe.each([
  ['shared', SharedArrayBuffer],
  ['plain', ArrayBuffer],
] as const)('copying tensors to %s memory and back', (_kind, Memory) => {
  onBackend(wasm());

  it('values and types survive the copy, and the memory between the slots does not change', () => {
    const before = memory().numTensors;
    tidy(() => {
      const slots = layout();
      const place = new Memory(4 * 64);
      new Int32Array(place).fill(42);
      const given = TENSORS.map(([values, shape, dtype]) => tensor([...values], [...shape], dtype));
      expect(runKernel('ImpflowStore', Object.fromEntries(given.entries()), { memory: place, slots })).toEqual([]);
      const taken = new Set(slots.flatMap(({ offset, size }) => Array.from({ length: size }, (_, i) => offset + i)));
      expect([...new Int32Array(place)].filter((word, at) => !taken.has(at) && word !== 42)).toEqual([]);
      runKernel('ImpflowLoad', {}, { memory: place, slots }).forEach((found, i) => {
        const [values, shape, dtype] = TENSORS[i]!;
        expect([found.shape, found.dtype]).toEqual([shape, dtype]);
        expect([...found.dataSync()]).toEqual([...(dtype === 'float32' ? Float32Array.from(values) : values)]);
      });
    });
    expect(memory().numTensors).toBe(before);
  });

  it('a tensor made from shared memory has a copy of the values, so that later writes to this memory do not change the tensor', () =>
    tidy(() => {
      const place = new Memory(8);
      const slots = [{ shape: [2], dtype: 'float32', offset: 0, size: 2 }] as const;
      const [found] = runKernel('ImpflowLoad', {}, { memory: place, slots });
      new Float32Array(place).fill(5);
      expect([...found!.dataSync()]).toEqual([0, 0]);
    }));

  it('tensors get the right values even if the memory of WebAssembly must grow to hold the tensors', () =>
    tidy(() => {
      const size = 2 ** 22;
      const place = new Memory(4 * size);
      new Float32Array(place).fill(3);
      const slots = Array.from({ length: 12 }, () => ({ shape: [size], dtype: 'float32', offset: 0, size }) as const);
      for (const found of runKernel('ImpflowLoad', {}, { memory: place, slots }))
        expect(found.dataSync()[size - 1]).toBe(3);
    }));
});
