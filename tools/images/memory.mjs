// Compares the peak memory of two kinds of training steps for 4, 8 and 16 blocks, and their gradients. `keep` stores
// all tensors for the backward pass. `budget` computes the gradients of log-determinants in the forward pass.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jsonOf } from '../measure/child.mjs';

/**
 * @param {number} blocks
 * @param {'keep' | 'budget'} memory
 * @param {string} file
 */
const one = async (blocks, memory, file) => {
  const { held, peak, wasm, resident, seconds, loss, sizes } = await jsonOf(
    new URL('memory-case.mjs', import.meta.url),
    [blocks, memory, file],
  );
  const gradients = new Float32Array(readFileSync(file).buffer);
  return { figures: { held, peak, wasm, resident, seconds }, loss, sizes, gradients };
};

/**
 * Returns `|a - b| / |b|` for the whole gradient, and the largest such error of a parameter, with its name.
 *
 * @param {Float32Array} a
 * @param {Float32Array} b
 * @param {Readonly<Record<string, number>>} sizes Number of elements of each parameter.
 */
const compared = (a, b, sizes) => {
  /**
   * @param {number} from
   * @param {number} to
   */
  const relative = (from, to) => {
    let [difference, size] = [0, 0];
    for (let i = from; i < to; i++) {
      difference += (a[i] - b[i]) ** 2;
      size += b[i] ** 2;
    }
    return Math.sqrt(difference / Math.max(size, 1e-30));
  };
  let at = 0;
  const errors = Object.entries(sizes).map(([name, size]) => ({ name, error: relative(at, (at += size)) }));
  return {
    whole: relative(0, a.length),
    worst: errors.reduce((most, each) => (each.error > most.error ? each : most)),
  };
};

/** @param {(what: string) => void} say */
export const memory = async (say) => {
  const folder = mkdtempSync(join(tmpdir(), 'impflow-memory-'));
  const rows = [];
  try {
    for (const blocks of [4, 8, 16]) {
      const keep = await one(blocks, 'keep', join(folder, 'keep'));
      const budget = await one(blocks, 'budget', join(folder, 'budget'));
      const difference = compared(budget.gradients, keep.gradients, keep.sizes);
      rows.push({
        blocks,
        difference,
        sameLoss: keep.loss === budget.loss,
        keep: keep.figures,
        budget: budget.figures,
      });
      say(`${blocks} blocks: gradients differ by ${difference.whole.toExponential(1)}`);
    }
    return { rows };
  } finally {
    rmSync(folder, { recursive: true });
  }
};
