// Compares the native kernels with WebAssembly outside of vitest, for an emulator of another processor or a library with
// sanitizers. Needs Node 22.18 or newer, which strips types.
// node compare.mts [CASES OF EACH KERNEL] [LIBRARY SET]
import { nativeKernels } from '@impflow/kernels-native';
import { openKernels, type InstructionSet } from '../src/open-kernels.ts';
import { CASE_NAMES, comparison } from './difference.ts';

const [count = '120', library, set] = process.argv.slice(2);
const native = await (library === undefined ? nativeKernels() : openKernels(library, set as InstructionSet));
if ('refused' in native) throw new Error(`No native kernels. ${native.refused}.`);
const { memory, difference } = await comparison();
const { kernels } = native.on(memory);
const found = CASE_NAMES.flatMap((name) => {
  const first = difference(kernels, name, Number(count));
  return first === undefined ? [] : [`${name}, ${first}`];
});
for (const line of found) console.log(line);
console.log(
  `${native.set} on ${process.arch}: ${found.length} of ${CASE_NAMES.length} kernels differ in ${count} cases each`,
);
process.exitCode = found.length === 0 ? 0 : 1;
