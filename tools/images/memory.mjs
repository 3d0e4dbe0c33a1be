// `npm run images -- memory`: the peak memory of a training step that stores everything for the backward pass, and of
// one that computes the gradients of log-determinants in the forward pass, for 4, 8 and 16 blocks; and whether the
// gradients are equal.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lastJson } from '../last-json.mjs';

const one = (blocks, memory, file) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [fileURLToPath(new URL('memory-case.mjs', import.meta.url)), String(blocks), memory, file],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(stderr);
  return { ...lastJson(stdout), gradients: new Float32Array(readFileSync(file).buffer) };
};

/** `|a - b| / |b|` of the whole gradient, and the largest of any parameter. */
const compared = (a, b, sizes) => {
  const relative = (from, to) => {
    let difference = 0,
      size = 0;
    for (let i = from; i < to; i++) {
      difference += (a[i] - b[i]) ** 2;
      size += b[i] ** 2;
    }
    return Math.sqrt(difference / Math.max(size, 1e-30));
  };
  let at = 0,
    worst = { error: 0 };
  for (const [name, size] of Object.entries(sizes)) {
    const error = relative(at, at + size);
    if (error > worst.error) worst = { name, error };
    at += size;
  }
  return { whole: relative(0, a.length), worst };
};

/** `{ rows }`, one row for each number of blocks. */
export const memory = async ({ say }) => {
  const folder = mkdtempSync(join(tmpdir(), 'impflow-memory-'));
  try {
    const rows = [];
    for (const blocks of [4, 8, 16]) {
      const [keep, budget] = ['keep', 'budget'].map((how) => one(blocks, how, join(folder, how)));
      const difference = compared(budget.gradients, keep.gradients, keep.sizes);
      rows.push({
        blocks,
        difference,
        sameLoss: keep.loss === budget.loss,
        ...Object.fromEntries(
          [keep, budget].map(({ memory: how, held, peak, wasm, resident, seconds }) => [
            how,
            { held, peak, wasm, resident, seconds },
          ]),
        ),
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
