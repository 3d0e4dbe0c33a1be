import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { noEmulator, onProcessor } from '../../../testkit/private/emulator.mjs';

const program = fileURLToPath(new URL('on-processor.mjs', import.meta.url));
/** Runs the program on an emulated processor. `cpu` is a processor name of QEMU. */
const on = async (cpu: string): Promise<unknown> => JSON.parse(await onProcessor([program], { arch: 'x64', cpu }));

describe.skipIf(noEmulator !== undefined)(`a training${noEmulator === undefined ? '' : `: ${noEmulator}`}`, () => {
  it('a training runs in WebAssembly on a processor without AVX2 and FMA, and reports the reason', async () => {
    expect(await on('Nehalem')).toEqual({
      kernels: 'relaxed',
      withoutNative: 'This processor does not run AVX2 with FMA, or NEON',
      backend: 'wasm (relaxed)',
      nats: expect.any(Number),
    });
  });

  it('a training on a processor with AVX2 and without AVX-512 gives the same digits as WebAssembly', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [program, 'wasm']);
    const { nats } = JSON.parse(stdout) as { readonly nats: number };
    expect(await on('Haswell')).toEqual({ kernels: 'avx2', backend: 'wasm (avx2)', nats });
  });
});
