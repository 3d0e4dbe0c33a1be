import { cpu } from '@impflow/backend-cpu';
import { drawNormal, fold, isFlowError, key, writeAtomically } from '@impflow/core';
import { implicitBlock, logit, residualBlock } from '@impflow/flows';
import { planSweep, sampleTable, scoreTable } from '@impflow/jobs';
import { mlp } from '@impflow/lipschitz';
import { anderson, solve } from '@impflow/solvers';
import { readFrame, tableParts, writeFrame } from '@impflow/tables';
import { onBackend } from '@impflow/testkit';
import { cosine, fitToEnd, loadCheckpoint, warmup } from '@impflow/training';
import { readImages } from '@impflow/vision';
import { zeros } from '@tensorflow/tfjs-core';
import { fit, load } from 'impflow';
import { describe, expect, it } from 'vitest';

onBackend(cpu());

/** Calls a function with a value of a wrong kind, as a program without types may. */
type Call = (wrong: never) => unknown;

const NUMBERS: Readonly<Record<string, Call>> = {
  key: (wrong) => key(wrong),
  'maxSteps of solve': (wrong) => solve((y) => y, zeros([1, 1]), { solver: anderson(), maxSteps: wrong }),
  'alpha of logit': (wrong) => logit({ shape: [2], alpha: wrong }),
  'steps of cosine': (wrong) => cosine({ steps: wrong }),
  'steps of warmup': (wrong) => warmup(wrong),
  'steps of fit': (wrong) => fit([{ x: 1 }], { steps: wrong }),
};
const RECORDS: Readonly<Record<string, Call>> = {
  fold: (wrong) => fold(wrong, 1),
  drawNormal: (wrong) => drawNormal(wrong, [2]),
  mlp: (wrong) => mlp({ dim: 2, key: wrong }),
  solve: (wrong) => solve((y) => y, zeros([1, 1]), wrong),
  implicitBlock: (wrong) => implicitBlock(wrong),
  residualBlock: (wrong) => residualBlock(wrong),
  fitToEnd: (wrong) => fitToEnd(wrong),
  planSweep: (wrong) => planSweep(wrong),
  scoreTable: (wrong) => scoreTable('run', 'rows.csv', wrong),
  sampleTable: (wrong) => sampleTable('run', 3, wrong),
};
const PATHS: Readonly<Record<string, Call>> = {
  load: (wrong) => load(wrong),
  loadCheckpoint: (wrong) => loadCheckpoint(wrong),
  readFrame: (wrong) => readFrame(wrong),
  tableParts: (wrong) => tableParts(wrong),
  readImages: (wrong) => readImages(wrong),
  writeFrame: (wrong) => writeFrame(wrong, { source: 'x', rows: 0, columns: [], place: String }),
  writeAtomically: (wrong) => writeAtomically(wrong, new Uint8Array(1)),
};

const errorOf = async (call: Call, wrong: unknown): Promise<unknown> => {
  try {
    return await call(wrong as never);
  } catch (error) {
    return error;
  }
};

describe('a value of a wrong kind gives an error that describes the value', () => {
  it.each([
    ...Object.entries(NUMBERS).map(([name, call]) => [name, call, [{}, [{}], 'one', () => 1]] as const),
    ...Object.entries(RECORDS).map(([name, call]) => [name, call, [undefined, null, 3, 'x']] as const),
    ...Object.entries(PATHS).map(([name, call]) => [name, call, [undefined, null, {}, [{}], 3]] as const),
  ])('%s', async (_, call, values) => {
    for (const value of values) {
      const error = await errorOf(call, value);
      expect(isFlowError(error), String((error as Error).stack)).toBe(true);
      expect((error as Error).message).toMatch(/got (an object|a list|a function|nothing|null|\d|"|the |no )/);
      expect((error as Error).message).not.toMatch(/\[object|Cannot read prop|Cannot destructure/);
    }
  });
});
