// For tests: the paths at which tools/dawn/setup.mjs installs the package `webgpu`, and whether WebGPU runs in Node
// with it.
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

/** Returns whether the wanted version is installed. The link to it is not checked. */
export const isInstalled = () => {
  const manifest = join(installedAt, 'package.json');
  const wanted = JSON.parse(readFileSync(here('package.json'), 'utf8')).dependencies.webgpu;
  return existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).version === wanted;
};

/**
 * Returns the reason why WebGPU does not run in Node on this machine; undefined if WebGPU runs. Takes 0.2 s, because
 * Dawn is started.
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
