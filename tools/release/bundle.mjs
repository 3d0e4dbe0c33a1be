import { writeFileSync } from 'node:fs';
// Measures the size of a package in a page, bundled and minified by rolldown.
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';

const BUILT_IN = [...builtinModules, /^node:/];
const TFJS_CORE = /^@tensorflow\/tfjs-core($|\/)/;

/**
 * Returns the chunks of the program `code`, bundled in the folder of a project, minified and tree-shaken.
 *
 * @param {string} project
 * @param {string} code
 * @param {readonly (string | RegExp)[]} external
 */
const bundled = async (project, code, external) => {
  const input = join(project, 'bundled.mjs');
  writeFileSync(input, code);
  const bundle = await rolldown({
    input,
    cwd: project,
    platform: 'browser',
    external: [...BUILT_IN, ...external],
    logLevel: 'silent',
  });
  const { output } = await bundle.generate({ format: 'es', minify: true });
  await bundle.close();
  return output.flatMap((part) => (part.type === 'chunk' ? [part.code] : []));
};

/** @typedef {{ minified: number; gzip: number }} Weight */

/**
 * @param {readonly string[]} chunks
 * @returns {Weight}
 */
const weigh = (chunks) => ({
  minified: chunks.reduce((sum, code) => sum + Buffer.byteLength(code), 0),
  gzip: chunks.reduce((sum, code) => sum + gzipSync(code).length, 0),
});

/**
 * Returns the bytes of all exports of the entry points, including lazily loaded modules, without and with `tfjs-core`.
 * `external` lists further packages to exclude.
 *
 * @param {string} project
 * @param {readonly string[]} specifiers
 * @param {readonly string[]} [external]
 */
export const bundleSizes = async (project, specifiers, external = []) => {
  const all = specifiers.map((specifier, i) => `export * as all${i} from '${specifier}';`).join('\n');
  return {
    own: weigh(await bundled(project, all, [TFJS_CORE, ...external])),
    withTfjs: weigh(await bundled(project, all, external)),
  };
};

/**
 * Returns the bytes that an unused import of an entry point leaves in a bundle: 0 if `sideEffects` is right.
 *
 * @param {string} project
 * @param {string} specifier
 * @param {readonly string[]} [external]
 */
export const leftBehind = async (project, specifier, external = []) =>
  weigh(await bundled(project, `import * as unused from '${specifier}';\n`, [TFJS_CORE, ...external])).minified;

/**
 * Bundles a program with all its dependencies into one file.
 *
 * @param {string} project
 * @param {string} input
 * @param {string} file
 */
export const bundleForPage = async (project, input, file) => {
  const bundle = await rolldown({
    input: join(project, input),
    cwd: project,
    platform: 'browser',
    external: BUILT_IN,
    logLevel: 'silent',
  });
  await bundle.write({ file, format: 'es', codeSplitting: false });
  await bundle.close();
};
