import { FlowError, key } from '@impflow/core';
import type { PathView } from '../../protocol/viewer.ts';
import { numbersOf } from './evaluate.ts';
import type { Model } from './model.ts';
import { partsOf, stageLabels } from './stages.ts';

/**
 * Computes the positions of a point after each block. Also maps the last position back through the inverse blocks, and
 * returns the positions on the way back.
 */
export const pathOf = (model: Model, point: readonly [number, number]): PathView => {
  if (point.length !== 2 || !point.every(Number.isFinite)) {
    throw new FlowError('option', 'demo/viewer', 'Wrong point', {
      expected: 'two finite numbers',
      got: JSON.stringify(point),
    });
  }
  const context = { key: key(0) };
  const parts = partsOf(model);
  const there: Float32Array[] = [Float32Array.from(point)];
  for (const part of parts) there.push(numbersOf(there.at(-1)!, (x) => part.forward(x, context)));
  const home: Float32Array[] = [there.at(-1)!];
  for (const part of parts.toReversed()) home.push(numbersOf(home.at(-1)!, (z) => part.inverse(z, context)));
  const [start, end] = [there[0]!, home.at(-1)!];
  return {
    point,
    forward: endToEnd(there),
    back: endToEnd(home),
    error: Math.hypot(end[0]! - start[0]!, end[1]! - start[1]!),
    logProb: numbersOf(start, (x) => model.flow.logProb(x))[0]!,
    labels: stageLabels(model),
  };
};

const endToEnd = (positions: readonly Float32Array[]): Float32Array => {
  const out = new Float32Array(2 * positions.length);
  positions.forEach((position, i) => out.set(position, 2 * i));
  return out;
};
