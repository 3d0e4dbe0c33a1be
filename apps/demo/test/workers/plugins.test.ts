import { builtInRegistries } from '@impflow/flows';
import { expect, it } from 'vitest';
import { registriesWith } from '../../src/workers/plugins.ts';

const here = 'https://example.org/demo/assets/worker.js';
const files = new URL('../../../trainer/test/fixtures/', import.meta.url).href;
/** Loads modules from a folder of the tests as if the folder were on this site. */
const load = (url: string): Promise<object> =>
  import(/* @vite-ignore */ url.replace('https://example.org/demo/plugins/', files)) as Promise<object>;

it('the exports of a plugin on this site are registered', async () => {
  for (const address of [
    '../plugins/plugin.mjs',
    '/demo/plugins/plugin.mjs',
    'https://example.org/demo/plugins/plugin.mjs',
  ]) {
    const extended = await registriesWith([address], { here, load });
    expect(extended.solver.names).toEqual([...builtInRegistries.solver.names, 'relaxed']);
    expect(extended.activation.create({ name: 'logistic' }).lipschitz).toBe(1);
    expect(extended.base).toBe(builtInRegistries.base);
  }
  expect(builtInRegistries.solver.has('relaxed')).toBe(false);
  expect(await registriesWith([], { here, load })).toBe(builtInRegistries);
});

it.each([
  [
    'https://elsewhere.org/plugin.mjs',
    'expected an address on https://example.org, got https://elsewhere.org/plugin.mjs. Put the module beside the page',
  ],
  ['http://example.org/demo/plugins/plugin.mjs', 'A plugin from another site'],
  ['//example.org:8080/plugin.mjs', 'A plugin from another site'],
  ['data:text/javascript,export const impflow = {}', 'A plugin from another site'],
  ['blob:https://example.org/5', 'A plugin from another site'],
  ['https://', 'Not an address'],
  ['../plugins/nothing.mjs', 'Cannot load the plugin https://example.org/demo/plugins/nothing.mjs'],
  [
    '../plugins/not-a-plugin.mjs',
    'is not a plugin: expected an export "impflow" of factories by kind (solver, adjoint, logDet, ' +
      'activation, base, block, backend, data) and name, got exports answer',
  ],
])('refuses %s', async (address, message) => {
  const asked: string[] = [];
  await expect(
    registriesWith([address], {
      here,
      load: (url) => {
        asked.push(url);
        return load(url);
      },
    }),
  ).rejects.toThrow(message);
  expect(asked.every((url) => url.startsWith('https://example.org/demo/'))).toBe(true);
});

it('loading the same plugin twice is refused', async () => {
  await expect(registriesWith(['../plugins/plugin.mjs', '../plugins/plugin.mjs'], { here, load })).rejects.toThrow(
    'relaxed is taken',
  );
});
