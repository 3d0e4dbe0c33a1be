import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
// Bundles the file from which TensorFlow.js registers its gradients. Node's module loader cannot import this file,
// because its imports lack extensions, and the package that registers the gradients in Node has 124 MB. The bundle can
// be separate, because the registry of gradients is global.
import { rolldown } from 'rolldown';

const core = fileURLToPath(new URL('../packages/core', import.meta.url));
const tfjs = dirname(createRequire(`${core}/package.json`).resolve('@tensorflow/tfjs-core/package.json'));
const bundle = await rolldown({
  input: join(tfjs, 'dist/register_all_gradients.js'),
  platform: 'neutral',
  logLevel: 'warn',
});
mkdirSync(`${core}/generated`, { recursive: true });
await bundle.write({
  file: `${core}/generated/register-gradients.js`,
  format: 'esm',
  minify: true,
  comments: { legal: true },
});
await bundle.close();
writeFileSync(`${core}/generated/register-gradients.d.ts`, 'export {};\n');
