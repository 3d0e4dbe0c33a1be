import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../..', import.meta.url));

// The profiler sends hundreds of signals per second. A signal during `MatMul` of TensorFlow would end the process.
it('trains under a profiler', () => {
  const folder = mkdtempSync(join(tmpdir(), 'impflow-profiler-'));
  const { status, signal, stderr } = spawnSync(
    process.execPath,
    [
      '--cpu-prof',
      '--cpu-prof-interval',
      '200',
      `--cpu-prof-dir=${folder}`,
      'tools/bench/training.mjs',
      '--native',
      '--preset',
      'toy',
      '--batch',
      '500',
      '--steps',
      '4',
      '--save',
      join(folder, 'model.safetensors'),
    ],
    { cwd: root, encoding: 'utf8' },
  );
  rmSync(folder, { recursive: true });
  expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' });
});
