// Compiles the kernels of backend-wasm from AssemblyScript twice: with plain SIMD and with relaxed SIMD (fused
// multiply-add). Both modules are committed (generated/*.wasm), so that a clone that only trains does not need the
// compiler (102 MB). If the sources have changed, this program compiles the modules again. The program also writes both
// modules inlined in JavaScript, which loads everywhere without a fetch.
//   --check   compiles again, and fails if the committed bytes differ
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../packages/backend-wasm', import.meta.url));
const out = join(folder, 'generated');
/** @type {Readonly<Record<string, readonly string[]>>} */
const BUILDS = { simd: ['simd'], relaxed: ['simd', 'relaxed-simd'] };

const sources = readdirSync(join(folder, 'assembly'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .sort();
const hash = createHash('sha256');
for (const file of sources) hash.update(file).update(readFileSync(join(folder, 'assembly', file)));
const stamp = hash.digest('hex');
const STAMP = join(out, 'sources.sha256');

/**
 * Compiles both builds to a folder.
 *
 * @param {string} target
 */
const compile = async (target) => {
  const { main } = await import('assemblyscript/asc').catch(() => {
    console.error(
      '[kernels] The sources in assembly/ have changed, and their compiler is missing. Run: npm run setup.',
    );
    process.exit(1);
  });
  for (const [build, features] of Object.entries(BUILDS)) {
    const { error, stderr } = await main([
      join(folder, 'assembly/index.ts'),
      '--outFile',
      join(target, `${build}.wasm`),
      '-O3',
      '--noAssert',
      '--runtime',
      'stub',
      '--importMemory',
      '--noExportMemory',
      ...features.flatMap((feature) => ['--enable', feature]),
    ]);
    if (error) {
      console.error(`${stderr}\n[kernels] The ${build} build failed: ${error.message}`);
      process.exit(1);
    }
  }
};

if (process.argv.includes('--check')) {
  const fresh = mkdtempSync(join(tmpdir(), 'impflow-kernels-'));
  await compile(fresh);
  const differ = Object.keys(BUILDS).filter(
    (build) => !readFileSync(join(fresh, `${build}.wasm`)).equals(readFileSync(join(out, `${build}.wasm`))),
  );
  rmSync(fresh, { recursive: true });
  if (differ.length > 0 || readFileSync(STAMP, 'utf8') !== `${stamp}\n`) {
    console.error(
      `[kernels] The committed modules are not what the sources compile to (${differ.join(', ') || 'stamp'}). Run: npm run setup. Then commit packages/backend-wasm/generated.`,
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

if (!existsSync(STAMP) || readFileSync(STAMP, 'utf8') !== `${stamp}\n`) {
  await compile(out);
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
