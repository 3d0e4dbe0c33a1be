// What a package costs in a page, as rolldown bundles and minifies it.
import { builtinModules } from 'node:module';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';

const BUILT_IN = [...builtinModules, /^node:/];
const TFJS_CORE = /^@tensorflow\/tfjs-core($|\/)/;

/** The chunks of a program `code` that stands in a project's folder: minified, without what it does not use. */
const bundled = async (project, code, external) => {
  const input = join(project, 'bundled.mjs');
  writeFileSync(input, code);
  const bundle = await rolldown({ input, cwd: project, platform: 'browser', external: [...BUILT_IN, ...external], logLevel: 'silent' });
  const { output } = await bundle.generate({ format: 'es', minify: true });
  await bundle.close();
  return output.filter(({ type }) => type === 'chunk').map((chunk) => chunk.code);
};

const weigh = (chunks) => ({ minified: chunks.reduce((sum, code) => sum + Buffer.byteLength(code), 0), gzip: chunks.reduce((sum, code) => sum + gzipSync(code).length, 0) });

/** Bytes of everything that these entry points export, what loads later included; with `tfjs-core` outside, and inside. `external`: other packages that stay outside. */
export const bundleSizes = async (project, specifiers, external = []) => {
  const all = specifiers.map((specifier, i) => `export * as all${i} from '${specifier}';`).join('\n');
  return { own: weigh(await bundled(project, all, [TFJS_CORE, ...external])), withTfjs: weigh(await bundled(project, all, external)) };
};

/** Bytes that importing an entry point without using it leaves behind: none, where `sideEffects` is told right. */
export const leftBehind = async (project, specifier, external = []) =>
  weigh(await bundled(project, `import * as unused from '${specifier}';\n`, [TFJS_CORE, ...external])).minified;

/** One file with all that a program needs in it. */
export const bundleForPage = async (project, input, file) => {
  const bundle = await rolldown({ input: join(project, input), cwd: project, platform: 'browser', external: BUILT_IN, logLevel: 'silent' });
  await bundle.write({ file, format: 'es', codeSplitting: false });
  await bundle.close();
};
