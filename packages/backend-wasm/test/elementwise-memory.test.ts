import { describe, expect, it } from 'vitest';
import type { KernelExports } from '#kernels';
import { BUILDS } from '../../testkit/private/extent.mjs';
import { chooseBuild, compile, instantiate } from '../src/module.ts';

const PAGE = 65536,
  GUARD = 3.25;
const unary = ['cos', 'elu', 'erf', 'exp', 'expm1', 'log', 'sigmoid', 'sin', 'softplus', 'tanh'] as const;
const lengths = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 513, 516];
const sample = (i: number): number => 0.37 + ((i * 7) % 11) / 5 + (i % 13 === 12 ? 1e5 : 0);

/** Outputs of a kernel, and the number of values that it changed outside its outputs. */
interface KernelRun {
  readonly strays: number;
  readonly values: readonly Float32Array[];
}

describe.each(BUILDS)('elementwise kernels on arrays at the end of the memory, %s build', (build) => {
  /**
   * Runs a kernel. The inputs of the kernel lie at the end of the memory, so that a read beyond the last input traps.
   * The outputs lie between guard values, which must not change.
   */
  const run = async (
    inputs: number,
    outputs: number,
    n: number,
    call: (kernels: KernelExports, addresses: readonly number[]) => void,
  ): Promise<KernelRun> => {
    const memory = new WebAssembly.Memory({ initial: 2 });
    const kernels = instantiate((await compile(await chooseBuild(build))).module, memory);
    const floats = new Float32Array(memory.buffer).fill(GUARD);
    const read = Array.from({ length: inputs }, (_, k) => 2 * PAGE - 4 * n * (k + 1));
    for (const address of read) for (let i = 0; i < n; i++) floats[address / 4 + i] = sample(i);
    const written = Array.from({ length: outputs }, (_, k) => 4096 + k * 8192);
    const before = floats.slice();
    const scratch = 64;
    call(kernels, [...read, ...written, n, scratch]);
    const mine = [[scratch, 12], ...written.map((address) => [address, n] as const)] as const;
    const strays = floats.reduce(
      (count, value, i) =>
        count +
        (Object.is(value, before[i]) || mine.some(([address, length]) => i >= address / 4 && i < address / 4 + length)
          ? 0
          : 1),
      0,
    );
    return { strays, values: written.map((address) => floats.slice(address / 4, address / 4 + n)) };
  };

  /**
   * Returns the array lengths for which a kernel writes outside its outputs, or returns values that differ from the
   * values of the longest call.
   */
  const failures = async (
    inputs: number,
    outputs: number,
    call: (kernels: KernelExports, addresses: readonly number[]) => void,
  ): Promise<number[]> => {
    const whole = await run(inputs, outputs, 1027, call);
    const failed: number[] = [];
    for (const n of lengths) {
      const { strays, values } = await run(inputs, outputs, n, call);
      if (strays > 0 || !values.every((output, k) => output.every((value, i) => Object.is(value, whole.values[k]![i]))))
        failed.push(n);
    }
    return failed;
  };

  it.each(unary)('%s reads and writes no memory outside its arrays', async (name) => {
    expect(
      await failures(1, 1, (kernels, addresses) => {
        kernels[name](...addresses);
      }),
    ).toEqual([]);
  });

  it.each(['sinSlope', 'tanhSlope', 'softplusSlope'] as const)('%s uses no memory outside its arrays', async (name) => {
    expect(
      await failures(1, 2, (kernels, addresses) => {
        kernels[name](...addresses);
      }),
    ).toEqual([]);
  });

  it('eluSlope reads and writes no memory outside its arrays', async () => {
    expect(
      await failures(1, 2, (kernels, [a, value, slope, n, scratch]) => {
        kernels.eluSlope(a!, value!, slope!, n!, 0.7, 1, 0.7, scratch!);
      }),
    ).toEqual([]);
  });

  // The parameter `b` of LipSwish is in the scratch memory, and the kernel overwrites `b` with its gradient.
  it('lipSwishSlope reads and writes no memory outside its arrays', async () => {
    expect(
      await failures(1, 2, (kernels, [a, value, slope, n, scratch]) => {
        kernels.lipSwishSlope(a!, scratch!, value!, slope!, n!, scratch!);
      }),
    ).toEqual([]);
  });

  it.each([0, 1])('lipSwishPullback reads and writes no memory outside its arrays, with %d tangents', async (count) => {
    expect(
      await failures(5, 2, (kernels, [u, a, slope, tangents, cotangents, gradient, pulled, n, scratch]) => {
        kernels.lipSwishPullback(
          u!,
          a!,
          scratch!,
          slope!,
          tangents!,
          cotangents!,
          gradient!,
          pulled!,
          scratch!,
          count,
          n!,
        );
      }),
    ).toEqual([]);
  });

  it('eluGrad reads and writes no memory outside its arrays', async () => {
    expect(
      await failures(2, 1, (kernels, addresses) => {
        kernels.eluGrad(...addresses);
      }),
    ).toEqual([]);
  });
});
