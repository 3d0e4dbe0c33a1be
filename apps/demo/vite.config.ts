import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { defaultClientConditions, defineConfig } from 'vite';
import { offline } from './build/offline.ts';
import { places } from './build/places.ts';
import { contentPolicy, HEADERS } from './build/policy.ts';
import { thumbnails } from './build/thumbnails.ts';

const file = (name: string): string => fileURLToPath(new URL(`build/${name}`, import.meta.url));

const gradients = createRequire(import.meta.url).resolve('@tensorflow/tfjs-core/dist/register_all_gradients.js');

/**
 * Parts of TensorFlow.js that the page does not use, and what replaces them. `@impflow/core` bundles the gradients of
 * TensorFlow.js for Node with a second copy of its operations; a page needs only one copy.
 */
const REPLACED = [
  { find: /^.*\/tfjs-backend-wasm-threaded-simd(\.worker)?\.js$/, replacement: file('no-threads.js') },
  { find: /^\.\/optimizers\/register_optimizers$/, replacement: file('no-optimizers.js') },
  { find: /^(\.\/io\/io|\.\.\/io\/(indexed_db|local_storage|model_management))$/, replacement: file('no-files.js') },
  { find: /^#register-gradients$/, replacement: gradients },
  { find: /^long$/, replacement: file('no-hashes.js') },
];

/**
 * Builds a static site that works in any folder of any host, because all its addresses are relative. The packages of
 * this repository are bundled from their TypeScript source.
 */
export default defineConfig({
  base: './',
  // The site has a single page. The server returns the status 404 for all other addresses.
  appType: 'mpa',
  resolve: { conditions: ['@impflow/source', ...defaultClientConditions], alias: REPLACED },
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
