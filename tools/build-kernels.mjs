// Compiles the kernels in AssemblyScript. The kernels of backend-wasm are compiled twice: with plain SIMD and with
// relaxed SIMD (fused multiply-add). The kernel of flows for Gaussian mixtures is compiled with plain SIMD only, so that
// its results are the same on every machine. The modules are committed, so that a clone that only trains does not need
// the compiler (102 MB). If the sources have changed, this program compiles the modules again. The program also writes
// both modules of backend-wasm inlined in JavaScript, which loads everywhere without a fetch.
//   --check   compiles again, and fails if the committed bytes differ
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packages = fileURLToPath(new URL('../packages', import.meta.url));
const folder = join(packages, 'backend-wasm');
const out = join(folder, 'generated');
/** @type {Readonly<Record<string, readonly string[]>>} */
const BUILDS = { simd: ['simd'], relaxed: ['simd', 'relaxed-simd'] };
/** The module of the kernel for mixtures, in base64. */
const MIXTURE = join(packages, 'flows/src/mixture/em-module.ts');

/**
 * Returns the hash of the sources in a folder.
 *
 * @param {string} sources
 */
const hashOf = (sources) => {
  const hash = createHash('sha256');
  const files = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  for (const file of files.sort()) hash.update(file).update(readFileSync(join(sources, file)));
  return hash.digest('hex');
};
const stamp = hashOf(join(folder, 'assembly'));
const STAMP = join(out, 'sources.sha256');
const mixtureHead = `// Written by tools/build-kernels.mjs from packages/flows/assembly, ${hashOf(join(packages, 'flows/assembly'))}.\n`;

/**
 * Compiles a module.
 *
 * @param {string} source
 * @param {string} target
 * @param {readonly string[]} features
 */
const compile = async (source, target, features) => {
  const { main } = await import('assemblyscript/asc').catch(() => {
    console.error(
      '[kernels] The sources in assembly/ have changed, and their compiler is missing. Run: npm run setup.',
    );
    process.exit(1);
  });
  const flags = ['-O3', '--noAssert', '--runtime', 'stub', '--importMemory', '--noExportMemory'];
  const enabled = features.flatMap((feature) => ['--enable', feature]);
  const { error, stderr } = await main([source, '--outFile', target, ...flags, ...enabled]);
  if (error) {
    console.error(`${stderr}\n[kernels] Compiling ${source} failed: ${error.message}`);
    process.exit(1);
  }
};

/**
 * Compiles the builds of backend-wasm to a folder.
 *
 * @param {string} target
 */
const compileBuilds = async (target) => {
  for (const [build, features] of Object.entries(BUILDS))
    await compile(join(folder, 'assembly/index.ts'), join(target, `${build}.wasm`), features);
};

/** Returns the text of `MIXTURE` for the current sources. */
const compiledMixture = async () => {
  const place = mkdtempSync(join(tmpdir(), 'impflow-kernels-'));
  const file = join(place, 'em.wasm');
  await compile(join(packages, 'flows/assembly/em.ts'), file, ['simd']);
  const text = readFileSync(file).toString('base64');
  rmSync(place, { recursive: true });
  return `${mixtureHead}export const EM =\n  '${text}';\n`;
};

if (process.argv.includes('--check')) {
  const fresh = mkdtempSync(join(tmpdir(), 'impflow-kernels-'));
  await compileBuilds(fresh);
  const differ = Object.keys(BUILDS).filter(
    (build) => !readFileSync(join(fresh, `${build}.wasm`)).equals(readFileSync(join(out, `${build}.wasm`))),
  );
  rmSync(fresh, { recursive: true });
  if (readFileSync(STAMP, 'utf8') !== `${stamp}\n`) differ.push('stamp');
  if (readFileSync(MIXTURE, 'utf8') !== (await compiledMixture())) differ.push('mixture');
  if (differ.length > 0) {
    console.error(
      `[kernels] The committed modules are not what the sources compile to (${differ.join(', ')}). Run: npm run setup. Then commit packages/backend-wasm/generated and packages/flows/src/mixture/em-module.ts.`,
    );
    process.exit(1);
  }
  process.exit(0);
}

const TFJS = 'tfjs-backend-wasm-simd.wasm';
if (!existsSync(join(out, TFJS))) {
  const tfjs = createRequire(join(folder, 'package.json')).resolve('@tensorflow/tfjs-backend-wasm/package.json');
  copyFileSync(join(dirname(tfjs), 'dist', TFJS), join(out, TFJS));
}

if (!existsSync(MIXTURE) || !readFileSync(MIXTURE, 'utf8').startsWith(mixtureHead))
  writeFileSync(MIXTURE, await compiledMixture());
if (!existsSync(STAMP) || readFileSync(STAMP, 'utf8') !== `${stamp}\n`) {
  await compileBuilds(out);
  writeFileSync(STAMP, `${stamp}\n`);
}
const written = join(out, 'kernels.js');
if (existsSync(written) && readFileSync(written, 'utf8').startsWith(`// ${stamp}`)) process.exit(0);

const modules = Object.keys(BUILDS).map(
  (build) => /** @type {const} */ ([build, readFileSync(join(out, `${build}.wasm`))]),
);
const names = WebAssembly.Module.exports(new WebAssembly.Module(modules[0][1]))
  .filter(({ kind }) => kind === 'function')
  .map(({ name }) => name)
  .sort();
writeFileSync(
  join(out, 'kernels.d.ts'),
  `/** What both builds export; addresses and counts are numbers. */
export interface KernelExports {
${names.map((name) => `  readonly ${name}: (...args: number[]) => number;`).join('\n')}
}
/** The modules in base64. */
export declare const simd: string;
export declare const relaxed: string;
`,
);
writeFileSync(
  written,
  `// ${stamp}\n${modules.map(([build, bytes]) => `export const ${build} = '${bytes.toString('base64')}';\n`).join('')}`,
);
