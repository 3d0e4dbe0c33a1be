import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { nativeKernels } from '@impflow/kernels-native';
import { describe, expect, it } from 'vitest';

const native = await nativeKernels();
const program = fileURLToPath(new URL('programs/threads.mjs', import.meta.url));

describe('threads that use the native kernels', () => {
  it.runIf('set' in native).each([
    ['a thread that is killed while it computes does not disturb other threads, and its memory is freed', []],
    ['a thread that is the only user of the library can be killed, and its memory is freed', ['only']],
  ])('%s', async (_, more) => {
    const { stdout } = await promisify(execFile)(process.execPath, [program, '60', ...more]);
    // If the memory were not freed, 54 threads would leave 4 MB each.
    expect(Number(stdout)).toBeLessThan(100);
  });
});
