import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

// The profiler sends a signal every 200 microseconds. A signal during `MatMul` of TensorFlow would end the process.
it('gradients of a net are computed while a CPU profiler runs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'impflow-profiler-'));
  const { status, signal, stderr } = spawnSync(
    process.execPath,
    [
      '--cpu-prof',
      '--cpu-prof-interval',
      '200',
      `--cpu-prof-dir=${folder}`,
      fileURLToPath(new URL('training.mjs', import.meta.url)),
    ],
    { encoding: 'utf8' },
  );
  rmSync(folder, { recursive: true });
  expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' });
});
