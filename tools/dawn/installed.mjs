// Where tools/dawn/setup.mjs installs the package `webgpu`, and whether WebGPU runs in Node with it: for tests.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { softwareVulkan } from '../../packages/testkit/private/vulkan.mjs';

/** @param {string} path */
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

export const cache = here('../../node_modules/.cache/impflow-dawn');
export const installedAt = join(cache, 'node_modules/webgpu');
/** The path from which @impflow/backend-webgpu resolves the package. */
export const link = here('../../packages/backend-webgpu/node_modules/webgpu');
export const files = ['package.json', 'package-lock.json'].map((name) => here(name));

/** Whether the wanted version is installed, except for its link. */
export const isInstalled = () => {
  const manifest = join(installedAt, 'package.json');
  const wanted = JSON.parse(readFileSync(here('package.json'), 'utf8')).dependencies.webgpu;
  return existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).version === wanted;
};

/**
 * Why WebGPU does not run in Node here; undefined if it does. Takes 0.2 s, because it asks Dawn.
 *
 * @returns {string | undefined}
 */
export const whyNotDawn = () => {
  if (!isInstalled() || !existsSync(link) || realpathSync(link) !== realpathSync(installedAt))
    return 'the package webgpu is not set up. Run: npm run setup:dawn';
  const program = `
    const { create } = await import(${JSON.stringify(pathToFileURL(join(installedAt, 'index.js')).href)});
    process.exit((await create([]).requestAdapter()) === null ? 1 : 0);`;
  const { status } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    stdio: 'ignore',
    env: { ...process.env, ...softwareVulkan() },
  });
  return status === 0
    ? undefined
    : 'Dawn finds no graphics card. Install Chromium, whose SwiftShader it then uses, and the loader of Vulkan (Debian: apt-get install chromium libvulkan1)';
};
