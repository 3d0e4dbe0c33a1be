import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
// Compiles the kernels of backend-wasm from AssemblyScript, twice: with plain SIMD and with relaxed SIMD (fused
// multiply-add). Writes both modules to generated/, as files and inlined in JavaScript: inlined they load anywhere
// without a fetch.
import { main } from 'assemblyscript/asc';

const folder = fileURLToPath(new URL('../packages/backend-wasm', import.meta.url));
const out = join(folder, 'generated');
mkdirSync(out, { recursive: true });
const TFJS = 'tfjs-backend-wasm-simd.wasm';
const tfjs = createRequire(join(folder, 'package.json')).resolve('@tensorflow/tfjs-backend-wasm/package.json');
copyFileSync(join(dirname(tfjs), 'dist', TFJS), join(out, TFJS));

const sources = readdirSync(join(folder, 'assembly'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .sort();
const hash = createHash('sha256').update(readFileSync(fileURLToPath(import.meta.url)));
for (const file of sources) hash.update(file).update(readFileSync(join(folder, 'assembly', file)));
const stamp = hash.digest('hex');
const written = join(out, 'kernels.js');
if (existsSync(written) && readFileSync(written, 'utf8').startsWith(`// ${stamp}`)) process.exit(0);

/**
 * @param {string} build
 * @param {readonly string[]} features
 */
const compile = async (build, features) => {
  const file = join(out, `${build}.wasm`);
  const { error, stderr } = await main([
    join(folder, 'assembly/index.ts'),
    '--outFile',
    file,
    '-O3',
    '--noAssert',
    '--runtime',
    'stub',
    '--importMemory',
    '--noExportMemory',
    ...features.flatMap((feature) => ['--enable', feature]),
  ]);
  if (error) {
    console.error(stderr.toString());
    console.error(`[kernels] The ${build} build failed: ${error.message}`);
    process.exit(1);
  }
  return readFileSync(file);
};

const builds = { simd: await compile('simd', ['simd']), relaxed: await compile('relaxed', ['simd', 'relaxed-simd']) };
const names = WebAssembly.Module.exports(new WebAssembly.Module(builds.simd))
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
  `// ${stamp}\n${Object.entries(builds)
    .map(([name, bytes]) => `export const ${name} = '${bytes.toString('base64')}';\n`)
    .join('')}`,
);
