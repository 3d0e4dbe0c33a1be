import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { nativeKernels } from '@impflow/kernels-native';
import { describe, expect, it } from 'vitest';

const native = await nativeKernels();
const program = fileURLToPath(new URL('programs/threads.mjs', import.meta.url));

describe('threads', () => {
  it.runIf('set' in native).each([
    ['that are killed while they compute leave the others at work, and give their memory back', []],
    ['that alone use the library are killed too, and give their memory back', ['only']],
  ])('%s', async (_, more) => {
    const { stdout } = await promisify(execFile)(process.execPath, [program, '60', ...more]);
    // Without the release, 54 threads would leave 4 MB each.
    expect(Number(stdout)).toBeLessThan(100);
  });
});
