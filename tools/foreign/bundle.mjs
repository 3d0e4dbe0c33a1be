import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
// Bundles tfjs-core's tests, this backend, and one copy of tfjs-core for both. Node cannot load the tests directly:
// their imports lack extensions.
import { rolldown } from 'rolldown';

/** @param {string} path */
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { resolve } = createRequire(here('../../packages/backend-wasm/package.json'));
const core = dirname(resolve('@tensorflow/tfjs-core/package.json'));
const backend = dirname(resolve('@tensorflow/tfjs-backend-wasm/package.json'));

// The ES modules, not the builds for Node. The builds for Node are compiled for old engines, and their classes cannot
// extend the tests' classes.
/** @type {Readonly<Record<string, string>>} */
const RESOLVED = {
  '@tensorflow/tfjs-core': join(core, 'dist/index.js'),
  '@tensorflow/tfjs-backend-wasm': join(backend, 'dist/index.js'),
  'jasmine-core/lib/jasmine-core/jasmine.js': here('jasmine-of-tfjs.mjs'),
};

/**
 * Writes the bundle into the folder and returns its path.
 *
 * @param {string} folder
 */
export const bundle = async (folder) => {
  const built = await rolldown({
    // The package declares its modules free of side effects, but tests consist of side effects.
    input: here('suite.mjs'),
    platform: 'node',
    logLevel: 'silent',
    external: ['jasmine-core'],
    treeshake: false,
    plugins: [
      {
        name: 'one tfjs-core',
        resolveId: (id) =>
          RESOLVED[id] ??
          (id.startsWith('tfjs-core-tests/') ? join(core, 'dist', id.slice('tfjs-core-tests/'.length)) : undefined),
      },
    ],
  });
  const file = join(folder, 'suite.mjs');
  // Emscripten asks for its own folder, even if it knows the path of its file.
  await built.write({
    file,
    format: 'esm',
    codeSplitting: false,
    banner: `import { dirname as dirnameOfThis } from 'node:path';\nconst __dirname = dirnameOfThis(new URL(import.meta.url).pathname);`,
  });
  await built.close();
  return file;
};
