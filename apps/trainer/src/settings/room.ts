import { extname } from 'node:path';
import { FlowError } from '@impflow/core';
import { number } from 'impflow/run';
import { MOST_JSON, MOST_NUMBERS, MOST_TEXT } from './limits.ts';

/** @throws `option` for more samples of `each` numbers than fit into memory or into the output text. */
export const assertRoomFor = (count: number, each: number, out: string | undefined): void => {
  const numbers = out === undefined ? MOST_JSON : extname(out).toLowerCase() === '.csv' ? MOST_TEXT : MOST_NUMBERS;
  const most = Math.floor(numbers / each);
  if (count <= most) return;
  throw new FlowError('option', 'cli', 'Too many samples in one call', {
    expected: `-n of at most ${number(most)} ${out === undefined ? 'to standard output' : `into ${out}`}`,
    got: number(count),
    hint:
      out === undefined
        ? 'Give --out with a file or a folder.'
        : 'Draw the samples in several calls, each with another --seed.',
  });
};
