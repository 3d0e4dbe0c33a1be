// Runs the C code under AddressSanitizer and UndefinedBehaviorSanitizer, in the cases of the comparison with
// WebAssembly. The sanitizers detect accesses outside the memory of the library, and undefined arithmetic. The
// comparison itself detects writes outside an output in the memory of WebAssembly.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { FLAGS, SETS, SOURCES } from '../../native-libraries.mjs';
import { nodeOf } from '../../nodes/node-of.mjs';

/** Number of random cases of each kernel. */
const COUNT = 10;
const SANITIZED = ['-g', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'];

const program = fileURLToPath(new URL('../../../packages/kernels-native/test/compare.mts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'impflow-sanitizers-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/**
 * Returns the path of the library of AddressSanitizer, which must be loaded before the libraries of Node; undefined if
 * GCC does not have it.
 */
const runtime = (): string | undefined => {
  if (process.platform !== 'linux') return undefined;
  const { status, stdout } = spawnSync('gcc', ['-print-file-name=libasan.so'], { encoding: 'utf8' });
  const path = status === 0 ? stdout.trim() : '';
  return path.startsWith('/') && existsSync(path) ? path : undefined;
};
const asan = runtime();
const sets = Object.entries(SETS[process.arch] ?? {});

// Without an AddressSanitizer in GCC the test is skipped, and its title contains the reason.
it.skipIf(asan === undefined).each(sets)(
  `kernels for %s access only their own memory, in ${COUNT} cases each${asan === undefined ? ': GCC has no AddressSanitizer here' : ''}`,
  (set, flags) => {
    const objects = [
      ['kernels', [...flags, ...SANITIZED]],
      ['dispatch', []],
    ].map(([name, more]) => {
      const object = join(folder, `${set}-${String(name)}.o`);
      execFileSync('gcc', [...FLAGS, ...(more as string[]), '-c', join(SOURCES, `${String(name)}.c`), '-o', object]);
      return object;
    });
    const library = join(folder, `${set}.so`);
    execFileSync('gcc', ['-shared', ...SANITIZED, ...objects, '-lm', '-o', library]);
    // Node 24 runs TypeScript files. Leak detection is off, because V8 does not free its memory at the end.
    const { status, stdout, stderr } = spawnSync(nodeOf(24), [program, String(COUNT), library, set], {
      encoding: 'utf8',
      env: { ...process.env, LD_PRELOAD: asan, ASAN_OPTIONS: 'detect_leaks=0' },
    });
    // The program refuses a set of instructions that this processor lacks.
    if (stderr.includes('This processor does not run')) return;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(
      new RegExp(`^${set} on ${process.arch}: 0 of \\d+ kernels differ in ${COUNT} cases each\n$`),
    );
  },
);
