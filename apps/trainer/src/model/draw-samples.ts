import { extname } from 'node:path';
import { fold, FlowError, key } from '@impflow/core';
import type { NormalizingFlow } from '@impflow/flows';
import { blockRows } from '../measure/batched.ts';
import { finite } from '../measure/finite.ts';
import { MOST_JSON, MOST_NUMBERS, MOST_TEXT } from '../settings/limits.ts';
import { number } from '../terminal/format.ts';

/** Number of samples that are drawn with one key: parts of a sample begin at its multiples. */
export const samplesPerKey = ({ dim }: Pick<NormalizingFlow, 'dim'>): number => blockRows(dim);

/**
 * Draws the samples `[first, first + count)` of a seed, `[count, ...shape]`, in blocks. The key of a block depends on its
 * place only.
 *
 * @param first A multiple of {@link samplesPerKey}. Default 0.
 * @throws `convergence` if some are not finite.
 */
export const drawSamples = (
  flow: NormalizingFlow,
  count: number,
  {
    seed,
    temperature = 1,
    first = 0,
  }: { readonly seed: number; readonly temperature?: number; readonly first?: number },
): Float32Array => {
  const block = blockRows(flow.dim);
  const out = new Float32Array(count * flow.dim);
  for (let from = 0; from < count; from += block) {
    const rows = Math.min(block, count - from);
    const drawn = flow.sample(rows, { key: fold(key(seed), first + from), temperature });
    out.set(drawn.dataSync() as Float32Array, from * flow.dim);
    drawn.dispose();
  }
  return finite(out, {
    what: 'Samples',
    each: flow.dim,
    hint: temperature > 1 ? 'Lower --temperature.' : 'Take an earlier checkpoint, or train with another --base.',
  });
};

/** @throws `option` for more samples of `each` numbers than fit into memory or into the output text. */
export const assertRoomFor = (count: number, each: number, out: string | undefined): void => {
  const numbers = out === undefined ? MOST_JSON : extname(out).toLowerCase() === '.csv' ? MOST_TEXT : MOST_NUMBERS;
  const most = Math.floor(numbers / each);
  if (count <= most) return;
  throw new FlowError('option', 'cli', 'Too many samples at once', {
    expected: `-n of at most ${number(most)} ${out === undefined ? 'to standard output' : `into ${out}`}`,
    got: number(count),
    hint: out === undefined ? 'Give --out with a file or a folder.' : 'Draw them in parts, each with another --seed.',
  });
};
