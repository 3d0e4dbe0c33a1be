import { fileURLToPath } from 'node:url';
import { defaultClientConditions, defineConfig } from 'vite';
import { offline } from './build/offline.ts';
import { places } from './build/places.ts';
import { contentPolicy, HEADERS } from './build/policy.ts';
import { thumbnails } from './build/thumbnails.ts';

const NO_THREADS = fileURLToPath(new URL('build/no-threads.js', import.meta.url));

/**
 * Builds a static site that works in any folder of any host, because all its addresses are relative. The packages of
 * this repository are bundled from their TypeScript source.
 */
export default defineConfig({
  base: './',
  // The site has a single page. The server returns the status 404 for all other addresses.
  appType: 'mpa',
  resolve: {
    conditions: ['@impflow/source', ...defaultClientConditions],
    alias: [{ find: /^.*\/tfjs-backend-wasm-threaded-simd(\.worker)?\.js$/, replacement: NO_THREADS }],
  },
  build: {
    target: 'es2022',
    // Files are not inlined as `data:` URLs, because the content security policy allows such URLs only for pictures.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { checks: { pluginTimings: false } },
  },
  worker: { format: 'es', plugins: () => [places()] },
  plugins: [contentPolicy(), places(), thumbnails(), offline()],
  preview: { headers: { ...HEADERS } },
});
