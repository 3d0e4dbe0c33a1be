// `node tools/release/native.mjs [--tarballs folder]`: tries the native kernels as a user installs them. In an empty
// folder with the packed packages, it trains without @impflow/kernels-native, with it, and, if this machine emulates
// arm64, with it on arm64. All trainings must give equal digits.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { noArm64, onProcessor } from '../../packages/testkit/private/emulator.mjs';
import { nodeOf } from '../nodes/node-of.mjs';
import { tarballs } from './pack.mjs';
import { install } from './project.mjs';
import { asCommand, inEmptyFolder, node, progress } from './run.mjs';
import { closure, publishable } from './workspace.mjs';

const KERNELS = '@impflow/kernels-native';
const packages = publishable();
const ours = closure(['impflow'], packages);

/** Program that trains on the kernels that its argument names, and prints which kernels ran. */
const PROGRAM = `import { wasm } from '@impflow/backend-wasm';
import { fit } from 'impflow';
const backend = wasm({ kernels: process.argv[2] });
const { kernels, withoutNative = '' } = (await backend.start()).capabilities;
const rows = Array.from({ length: 100 }, (_, i) => ({ x: Math.sin(i), y: Math.cos(3 * i) + Math.sin(i) }));
const { report } = await fit(rows, { steps: 20, seed: 1, workers: 1, backend });
console.log(JSON.stringify({ backend: report.backend, kernels, withoutNative, heldOut: report.heldOut }));
`;

/** @typedef {{ backend: string; kernels: string; withoutNative: string; heldOut: object }} Trained */

/**
 * @param {string} what
 * @param {unknown} got
 * @param {RegExp} expected
 */
const assertMatches = (what, got, expected) => {
  if (!expected.test(String(got))) throw new Error(`${what}: expected ${expected}, got ${got}.`);
};

/**
 * @param {ReadonlyMap<string, string>} packed Paths of tarballs by name.
 * @param {(what: string) => void} say
 * @throws if a training runs on other kernels than expected, or gives other digits.
 */
export const tryNative = (packed, say) =>
  inEmptyFolder('native', async (folder) => {
    writeFileSync(join(folder, 'train.mjs'), PROGRAM);
    /**
     * @param {string} kernels
     * @returns {Promise<Trained>}
     */
    const trained = async (kernels) => JSON.parse((await node(['train.mjs', kernels], { cwd: folder })).stdout);
    await install(folder, { ours, tarballs: packed });
    const without = await trained('auto');
    assertMatches('kernels without the package', without.kernels, /^relaxed$/);
    assertMatches('reason without the package', without.withoutNative, /kernels-native is not installed/);

    await install(folder, { ours: [...ours, KERNELS], tarballs: packed });
    const [native, wasm] = [await trained('auto'), await trained('wasm')];
    assertMatches(
      `kernels with the package (${native.withoutNative})`,
      native.backend,
      /^wasm \((avx512|avx2|neon)\)$/,
    );
    assertMatches('kernels that were chosen', wasm.backend, /^wasm \(relaxed\)$/);
    const all = [without, wasm, native];
    if (noArm64 === undefined) {
      // Node 26 loads native libraries without koffi. npm has installed koffi only for the processor of this machine.
      const on = /** @type {const} */ ({ arch: 'arm64', node: nodeOf(26, 'arm64'), cwd: folder });
      /** @type {Trained} */
      const arm64 = JSON.parse(await onProcessor(['train.mjs', 'auto'], on));
      assertMatches(`kernels on arm64 (${arm64.withoutNative})`, arm64.backend, /^wasm \(neon\)$/);
      all.push(arm64);
    } else say(`NOT RUN on arm64: ${noArm64}`);
    say(`20 steps on ${all.map(({ backend }) => backend).join(', ')}: held-out ${JSON.stringify(native.heldOut)}`);
    for (const { backend, heldOut } of all)
      if (JSON.stringify(heldOut) !== JSON.stringify(native.heldOut))
        throw new Error(`${backend} gave other digits: ${JSON.stringify(heldOut)}.`);
  });

if (process.argv[1] === import.meta.filename) {
  await asCommand('native', async () => {
    const { values } = parseArgs({ options: { tarballs: { type: 'string' } } });
    const say = progress('native');
    await tryNative(await tarballs(values.tarballs, say), say);
    say('done');
  });
}
