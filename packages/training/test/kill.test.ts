import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import timers from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { key, uniforms } from '@impflow/core';
import { readSafetensors } from '@impflow/training';
import { build } from 'vite';
import { afterAll, beforeAll, expect, it } from 'vitest';

let folder: string;
let program: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'impflow-kill-'));
  // A child process cannot run TypeScript, so the test bundles the current sources.
  await build({
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: true },
    environments: {
      ssr: { resolve: { conditions: ['@impflow/source', 'node', 'import', 'default'], noExternal: true } },
    },
    build: {
      ssr: fileURLToPath(new URL('rewrite-forever.ts', import.meta.url)),
      outDir: join(folder, 'out'),
      target: 'node20',
      rolldownOptions: { output: { entryFileNames: 'rewrite.mjs' } },
    },
  });
  program = join(folder, 'out', 'rewrite.mjs');
});
afterAll(() => rm(folder, { recursive: true }));

it('a safetensors file is complete after its writer was killed at a random moment (20 attempts)', async () => {
  const path = join(folder, 'checkpoint.safetensors');
  let last = 0;
  for (const moment of uniforms(key(20), 20)) {
    const child = spawn(process.execPath, [program, path, String(last + 1)], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    await timers.setTimeout(moment * 40);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const { tensors, metadata } = await readSafetensors(path);
    const count = Number(metadata['count']);
    expect(count).toBeGreaterThan(last);
    expect((tensors['w']!.data as Int32Array).every((value) => value === count)).toBe(true);
    last = count;
  }
});
