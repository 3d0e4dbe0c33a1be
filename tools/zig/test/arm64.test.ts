import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { noArm64, onProcessor } from '../../../packages/testkit/private/emulator.mjs';
import { nodeOf } from '../../nodes/node-of.mjs';
import { noZig } from '../python.mjs';

/** Number of random cases of each kernel; they take about 40 s on the emulated processor. */
const COUNT = 40;

const root = fileURLToPath(new URL('../../..', import.meta.url));
const missing = noArm64 ?? noZig;

it.skipIf(missing !== undefined)(
  `kernels for NEON give the same bits as WebAssembly in ${COUNT} cases each${missing === undefined ? '' : `: ${missing}`}`,
  async () => {
    execFileSync(process.execPath, ['tools/build-native.mjs', '--all', 'linux-arm64'], { cwd: root });
    // Node 26 loads native libraries without koffi, which is installed only for the processor of this machine.
    const printed = await onProcessor(
      ['packages/kernels-native/test/compare.mts', String(COUNT), 'dist/libraries/linux-arm64.so', 'neon'],
      { arch: 'arm64', node: nodeOf(26, 'arm64'), cwd: root },
    );
    console.log(printed.trim());
    expect(printed).toMatch(new RegExp(`^neon on arm64: 0 of \\d+ kernels differ in ${COUNT} cases each\n$`));
  },
);
