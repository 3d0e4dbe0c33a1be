import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
// Bundles what `impflow` computes with in a page as one file, packages/impflow/generated/page.js: the page imports it, and
// its workers run it. A bundler of a page would give each worker a copy of everything. The licenses of the packages in it
// stand in generated/page.licenses.txt. Does nothing if no source has changed.
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
 * Modules that a page never runs: our kernels in base64, because it fetches the files, and the build of TensorFlow.js with
 * threads, which `wasm()` never starts.
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
 * The folder of the package of a module, if it is no package of this workspace.
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
