import { fileURLToPath } from 'node:url';
import { defaultClientConditions, defineConfig } from 'vite';
import { offline } from './build/offline.ts';
import { places } from './build/places.ts';
import { contentPolicy, HEADERS } from './build/policy.ts';
import { thumbnails } from './build/thumbnails.ts';

const NO_THREADS = fileURLToPath(new URL('build/no-threads.js', import.meta.url));

/** A static site for any folder of any host: every address in it is relative. Packages are taken from source. */
export default defineConfig({
  base: './',
  // There is one page at one address: any other address is answered with 404.
  appType: 'mpa',
  resolve: {
    conditions: ['@impflow/source', ...defaultClientConditions],
    alias: [{ find: /^.*\/tfjs-backend-wasm-threaded-simd(\.worker)?\.js$/, replacement: NO_THREADS }],
  },
  build: {
    target: 'es2022',
    // No file is inlined: a policy without `data:` would refuse inlined files.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { checks: { pluginTimings: false } },
  },
  worker: { format: 'es', plugins: () => [places()] },
  plugins: [contentPolicy(), places(), thumbnails(), offline()],
  preview: { headers: { ...HEADERS } },
});
