/// <reference types="vite/client" />
// Runs one backend in a page: `?backend=webgl`. Logs its progress to the console, and stores the result in
// `window.result`.
import { webgl } from '../../../packages/backend-webgl/dist/index.js';
import { webgpu } from '../../../packages/backend-webgpu/dist/index.js';
import { flowCases, measure } from '../measure.mjs';

const fixtures = import.meta.glob('../../../packages/flows/test/parity/fixtures/*.safetensors', {
  query: '?url',
  import: 'default',
  eager: true,
});
const files = Object.fromEntries(
  await Promise.all(
    Object.entries(fixtures).map(async ([path, url]) => [
      path.split('/').at(-1),
      new Uint8Array(await (await fetch(String(url))).arrayBuffer()),
    ]),
  ),
);
/** @type {Readonly<Record<string, () => import('@impflow/core').BackendAdapter>>} */
const adapters = { webgl, webgpu };
const adapter = adapters[new URLSearchParams(location.search).get('backend') ?? '']();
const result = await measure(adapter, flowCases(files), (what) => console.log(what)).catch((error) => ({
  error: String(error?.stack ?? error),
}));
Object.assign(window, { result });
