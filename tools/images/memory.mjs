// `npm run images -- memory`: the peak memory of a training step that stores everything for the backward pass, and of a
// step that computes the gradients of log-determinants in the forward pass, for 4, 8 and 16 blocks; and whether the
// gradients are equal.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lastJson } from '../last-json.mjs';

/**
 * Results of memory-case.mjs: sizes in bytes.
 *
 * @typedef {object} MemoryCase
 * @property {number} blocks
 * @property {'keep' | 'budget'} memory
 * @property {number} held
 * @property {number} peak
 * @property {number} wasm
 * @property {number} resident
 * @property {number} seconds
 * @property {number} loss
 * @property {number} warm
 * @property {Readonly<Record<string, number>>} sizes Numbers of each gradient.
 * @property {Float32Array} gradients
 */

/** @typedef {Pick<MemoryCase, 'held' | 'peak' | 'wasm' | 'resident' | 'seconds'>} Memory */

/**
 * Both ways with one number of blocks.
 *
 * @typedef {object} MemoryRow
 * @property {number} blocks
 * @property {ReturnType<typeof compared>} difference
 * @property {boolean} sameLoss
 * @property {Memory} keep
 * @property {Memory} budget
 */

/**
 * @param {number} blocks
 * @param {MemoryCase['memory']} memory
 * @param {string} file
 * @returns {MemoryCase}
 */
const one = (blocks, memory, file) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [fileURLToPath(new URL('memory-case.mjs', import.meta.url)), String(blocks), memory, file],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(stderr);
  return { ...lastJson(stdout), gradients: new Float32Array(readFileSync(file).buffer) };
};

/**
 * @param {MemoryCase} measured
 * @returns {Memory}
 */
const memoryOf = ({ held, peak, wasm, resident, seconds }) => ({ held, peak, wasm, resident, seconds });

/**
 * `|a - b| / |b|` of the whole gradient, and the largest of any parameter.
 *
 * @param {Float32Array} a
 * @param {Float32Array} b
 * @param {Readonly<Record<string, number>>} sizes
 */
const compared = (a, b, sizes) => {
  /**
   * @param {number} from
   * @param {number} to
   */
  const relative = (from, to) => {
    let difference = 0,
      size = 0;
    for (let i = from; i < to; i++) {
      difference += (a[i] - b[i]) ** 2;
      size += b[i] ** 2;
    }
    return Math.sqrt(difference / Math.max(size, 1e-30));
  };
  let at = 0;
  /** @type {{ name?: string; error: number }} */
  let worst = { error: 0 };
  for (const [name, size] of Object.entries(sizes)) {
    const error = relative(at, at + size);
    if (error > worst.error) worst = { name, error };
    at += size;
  }
  return { whole: relative(0, a.length), worst };
};

/**
 * One row for each number of blocks.
 *
 * @param {import('./measured.mjs').PartOptions} options
 */
export const memory = async ({ say }) => {
  const folder = mkdtempSync(join(tmpdir(), 'impflow-memory-'));
  try {
    /** @type {MemoryRow[]} */
    const rows = [];
    for (const blocks of [4, 8, 16]) {
      const keep = one(blocks, 'keep', join(folder, 'keep'));
      const budget = one(blocks, 'budget', join(folder, 'budget'));
      const difference = compared(budget.gradients, keep.gradients, keep.sizes);
      rows.push({
        blocks,
        difference,
        sameLoss: keep.loss === budget.loss,
        keep: memoryOf(keep),
        budget: memoryOf(budget),
      });
      say(
        `memory: ${blocks} blocks, ${(keep.peak / 2 ** 20).toFixed(0)} MiB kept, ${(budget.peak / 2 ** 20).toFixed(0)} MiB on a budget, gradients differ by ${difference.whole.toExponential(1)}`,
      );
    }
    return { rows };
  } finally {
    rmSync(folder, { recursive: true });
  }
};
