import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { cpu } from '@impflow/backend-cpu';
import { fold, key, uniforms } from '@impflow/core';
import { builtInRegistries } from '@impflow/flows';
import { onBackend } from '@impflow/testkit';
import { dataParallel } from '@impflow/training';
import { fitImages, type DensityReport, type FitImagesOptions, type Images } from '@impflow/vision';
import { build } from 'vite';
import { afterAll, beforeAll, expect, it } from 'vitest';

onBackend(cpu());
let folder: string;
let module: URL;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'impflow-vision-'));
  // A worker thread cannot run TypeScript, so the test bundles the current sources.
  await build({
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: true },
    environments: {
      ssr: { resolve: { conditions: ['@impflow/source', 'node', 'import', 'default'], noExternal: true } },
    },
    build: {
      ssr: fileURLToPath(new URL('gradient-worker.ts', import.meta.url)),
      outDir: folder,
      target: 'node20',
      rolldownOptions: { output: { entryFileNames: 'worker.mjs' } },
    },
  });
  module = pathToFileURL(join(folder, 'worker.mjs'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Forty images of 4 x 4 gray levels, whose right side is brighter than the left side. */
const images: Images = {
  shape: [4, 4, 1],
  count: 40,
  pixels: Uint8Array.from(uniforms(fold(key(1), 0), 40 * 16), (u, i) => 40 * (i % 4) + Math.floor(80 * u)),
  labels: Uint8Array.from({ length: 40 }, (_, i) => i % 2),
  source: 'forty images',
};

const fitted = async (options: Omit<FitImagesOptions, 'registries'>) => {
  const end = await fitImages({ all: images }, { registries: builtInRegistries, ...options });
  if (end.stopped === 'aborted') throw new Error('The training was aborted.');
  return end.report;
};

it.each([
  ['density', { scales: 1, blocks: 1, hidden: [4], denseBlocks: 0 }],
  ['classifier', { task: 'classify', widths: [4] }],
] as const)('training a %s with two workers gives the loss of one worker, up to rounding', async (_what, own) => {
  // The optimizer is SGD, because Adam would turn the rounding error of a zero gradient into a full step.
  const options = { ...own, steps: 2, validateEvery: 1, batch: 8, optimizer: 'sgd', lr: 1e-4 } as const;
  const alone = await fitted(options);
  let closed = 0;
  const shared = await fitted({
    ...options,
    countWorkers: (batch, dim) => {
      expect([batch, dim]).toEqual([8, 16]);
      return 2;
    },
    startWorkers: async (spec, { workers }) => {
      const parallel = await dataParallel({ workers, module, data: { spec } });
      return {
        ...parallel,
        close: () => {
          closed++;
          return parallel.close();
        },
      };
    },
  });
  expect([alone.workers, shared.workers, closed]).toEqual([1, 2, 1]);
  const loss = (report: typeof alone): number =>
    'dim' in report ? (report as DensityReport).heldOut.nats : report.heldOut.crossEntropy;
  expect(loss(shared) / loss(alone)).toBeCloseTo(1, 4);
});
