import { wasm, type WasmOptions } from '@impflow/backend-wasm';
import { nativeKernels } from '@impflow/kernels-native';
import type { KernelName, NativeKernels } from '@impflow/kernels-native';
import { matMul, memory as tensors, ones, range, reshape, sin, tensor, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { chooseBuild, compile } from '../src/module.ts';
import { firstDifference } from '../src/native-check.ts';

const native = await nativeKernels();
const set = 'refused' in native ? undefined : native.set;

const capabilitiesOf = async (options: WasmOptions) => {
  const { capabilities, dispose } = await wasm(options).start();
  dispose();
  return capabilities;
};

describe('the option `kernels`', () => {
  it('the option `kernels: "wasm"` does not load the native kernels', async () => {
    expect(await capabilitiesOf({ kernels: 'wasm' })).toMatchObject({ kernels: 'relaxed' });
  });

  it('the option `kernels: "auto"` uses the native kernels, or reports why they do not run', async () => {
    const { kernels, withoutNative } = await capabilitiesOf({});
    expect([kernels, withoutNative]).toEqual(
      'refused' in native ? ['relaxed', native.refused] : [native.set, undefined],
    );
  });

  it('native kernels are not used with the build `simd`, because its results differ in the last bits', async () => {
    expect(await capabilitiesOf({ simd: 'simd' })).toMatchObject({ kernels: 'simd' });
    await expect(wasm({ simd: 'simd', kernels: 'native' }).start()).rejects.toThrow(
      'Native kernels are bit-identical only to the build relaxed, and another build runs',
    );
  });

  it('the option `kernels: { isa }` is refused if the processor lacks the set of instructions', async () => {
    const isa = process.arch === 'arm64' ? 'avx2' : 'neon';
    await expect(wasm({ kernels: { isa } }).start()).rejects.toMatchObject({ name: 'FlowError', code: 'unsupported' });
  });

  it.runIf(set !== undefined)(
    'after a dispose the backend starts again with or without native kernels, and its results are bit-identical',
    async () => {
      const products: Float32Array[] = [];
      for (const kernels of ['native', 'wasm', 'native', 'auto'] as const) {
        const backend = await wasm({ kernels }).start();
        products.push(
          tidy(() => {
            const a = reshape(sin(range(0, 37 * 29)), [37, 29]);
            return Float32Array.from(matMul(a, a, false, true).dataSync());
          }),
        );
        backend.dispose();
      }
      for (const product of products) expect(product).toEqual(products[0]);
    },
  );

  it.runIf(set !== undefined)('native kernels work after the memory of WebAssembly has grown', async () => {
    const backend = await wasm({ kernels: 'native' }).start();
    const sums = tidy(() => {
      const before = matMul(ones([37, 29]), ones([29, 41])).dataSync()[1516];
      // This tensor needs 400 MB. The memory of tfjs starts with 16 MB, so the memory must grow.
      const large = ones([100, 1000, 1000]);
      const after = matMul(tensor(large.dataSync().subarray(0, 37 * 29), [37, 29]), ones([29, 41])).dataSync()[1516];
      return [before, after];
    });
    expect(sums).toEqual([29, 29]);
    expect(tensors().numTensors).toBe(0);
    backend.dispose();
  });
});

describe.runIf(set !== undefined)('`firstDifference`', () => {
  it('`firstDifference` returns undefined for correct kernels, and returns the name of a kernel with one wrong bit', async () => {
    const compiled = await compile(await chooseBuild('relaxed'));
    const correct = native as NativeKernels;
    expect(firstDifference(compiled, correct)).toBeUndefined();
    for (const name of ['gemm', 'adam', 'logDet'] as const satisfies readonly KernelName[]) {
      const wrong: NativeKernels = {
        ...correct,
        on: (memory) => {
          const all = correct.on(memory);
          const spoilt = (...args: number[]): number => {
            const result = all.kernels[name](...args);
            new Int32Array(memory.buffer)[2 ** 16 + 3]! ^= 1;
            return result;
          };
          return { ...all, kernels: { ...all.kernels, [name]: spoilt } };
        },
      };
      expect(firstDifference(compiled, wrong)).toBe(name);
    }
  });
});
