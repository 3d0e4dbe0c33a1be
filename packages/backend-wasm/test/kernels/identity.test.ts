import { wasm } from '@impflow/backend-wasm';
import { onBackend } from '@impflow/testkit';
import { memory, tensor1d, variable } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

describe('the kernel `Identity`, which clones tensors', () => {
  onBackend(wasm());

  it.each(['float32', 'int32', 'bool', 'string'] as const)(
    '%s: a clone shares the memory, and stays valid when the original is disposed',
    (dtype) => {
      const before = memory();
      const values = { float32: [1.5, -2], int32: [3, 4], bool: [true, false], string: ['a', 'b'] }[dtype];
      const original = tensor1d(values as number[], dtype);
      const clone = original.clone();
      expect(clone.dataId).toBe(original.dataId);
      original.dispose();
      expect([...clone.dataSync()].map((value) => (dtype === 'bool' ? Boolean(value) : value))).toEqual(values);
      clone.dispose();
      expect(memory().numTensors).toBe(before.numTensors);
      expect(memory().numDataBuffers).toBe(before.numDataBuffers);
    },
  );

  it('a clone of a variable keeps its numbers when a new value is assigned to the variable', () => {
    const weight = variable(tensor1d([1, 2]));
    const before = weight.clone();
    weight.assign(tensor1d([3, 4]));
    expect([...before.dataSync()]).toEqual([1, 2]);
    expect([...weight.dataSync()]).toEqual([3, 4]);
  });
});
