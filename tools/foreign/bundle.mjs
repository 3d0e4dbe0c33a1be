import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
// Bundles the tests of tfjs-core, @impflow/backend-wasm, and one copy of tfjs-core for both. Node cannot load the tests
// directly, because their imports lack extensions.
import { rolldown } from 'rolldown';

/** @param {string} path */
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { resolve } = createRequire(here('../../packages/backend-wasm/package.json'));
const core = dirname(resolve('@tensorflow/tfjs-core/package.json'));
const backend = dirname(resolve('@tensorflow/tfjs-backend-wasm/package.json'));

// The ES modules are bundled, not the builds for Node. The builds for Node are compiled for old engines, and their
// classes cannot extend the classes of the tests.
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
    // Tree shaking is off: tfjs-core declares that its modules have no side effects, but the modules of its tests have
    // side effects.
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
  // The code of Emscripten reads `__dirname`, even if the path of its .wasm file is given.
  await built.write({
    file,
    format: 'esm',
    codeSplitting: false,
    banner: `import { dirname as dirnameOfThis } from 'node:path';\nconst __dirname = dirnameOfThis(new URL(import.meta.url).pathname);`,
  });
  await built.close();
  return file;
};
