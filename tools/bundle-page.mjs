import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
// Bundles the code with which `impflow` computes in a page as one file, packages/impflow/generated/page.js. The page
// imports the file, and its workers run it. Without this file, the bundler of a page would give each worker a copy of
// all code. The licenses of the bundled packages are in generated/page.licenses.txt. If no source has changed, the
// program does nothing.
import { rolldown } from 'rolldown';

const packages = fileURLToPath(new URL('../packages', import.meta.url));
const folder = join(packages, 'impflow');
const written = join(folder, 'generated/page.js');

const hash = createHash('sha256');
for (const file of ['../pnpm-lock.yaml', './bundle-page.mjs'])
  hash.update(readFileSync(new URL(file, import.meta.url)));
for (const name of readdirSync(packages).sort()) {
  const sources = join(packages, name, 'src');
  if (!existsSync(sources)) continue;
  const files = readdirSync(sources, { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((each) => each.endsWith('.ts')).sort())
    hash.update(file).update(readFileSync(join(sources, file)));
}
const banner = `/*! impflow, with the packages of page.licenses.txt. Sources: ${hash.digest('hex')} */`;
if (existsSync(written) && readFileSync(written, 'utf8').startsWith(banner)) process.exit(0);

/**
 * Modules that a page never runs. A page fetches the files of our kernels, so it does not need the kernels in base64.
 * `wasm()` never starts the build of TensorFlow.js with threads.
 */
const UNUSED = /^#kernels$|\/tfjs-backend-wasm-threaded-simd(\.worker)?\.js$/;
const NOTHING = '\0nothing';

const bundle = await rolldown({
  input: join(folder, 'src/page/computing.ts'),
  cwd: folder,
  platform: 'browser',
  resolve: { conditionNames: ['@impflow/source', 'browser', 'import', 'default'] },
  logLevel: 'warn',
  plugins: [
    {
      name: 'nothing',
      resolveId: (id) => (UNUSED.test(id) ? NOTHING : undefined),
      load: (id) =>
        id === NOTHING
          ? "export default undefined; export const relaxed = '', simd = '', wasmWorkerContents = '';"
          : undefined,
    },
  ],
});
const { output } = await bundle.write({
  file: written,
  format: 'es',
  minify: true,
  codeSplitting: false,
  comments: { legal: false },
  postBanner: banner,
});
await bundle.close();

/**
 * Returns the folder of the package of a module; undefined for a package of this workspace.
 *
 * @param {string} id
 */
const packageOf = (id) => /^[^\0].*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id.replaceAll('\\', '/'))?.[0];
const bundled = new Set(
  output.flatMap((part) => (part.type === 'chunk' ? part.moduleIds.flatMap((id) => packageOf(id) ?? []) : [])),
);
const licenses = [...bundled].sort().map((path) => {
  const { name, version, license } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
  const file = readdirSync(path).find((each) => /^licen[cs]e/i.test(each));
  const text = file === undefined ? '' : `\n${readFileSync(join(path, file), 'utf8').trim()}\n`;
  return `${name} ${version}, ${license}\n${text}`;
});
writeFileSync(join(folder, 'generated/page.licenses.txt'), licenses.join('\n---\n\n'));
