import { wasm } from '@impflow/backend-wasm';
import { drawNormal, isFlowError, key, scoped, settle, type Solution, type TensorMap } from '@impflow/core';
import { anderson, fixedPoint, orThrow, solve } from '@impflow/solvers';
import { onBackend } from '@impflow/testkit';
import { add, cos, memory, mul, tensor2d, zeros } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { unreadBackend } from './unread-backend.ts';

const half: TensorMap = (y) => mul(0.5, cos(y));

describe('`orThrow`', () => {
  onBackend(wasm());

  it('the error of `orThrow` contains solver, steps and number of failed samples, and the value is disposed', () => {
    const y0 = drawNormal(key(1), [500, 2]);
    const slopes = scoped(() => tensor2d(Array.from({ length: 500 }, (_, i) => [i < 2 ? 0.999 : 0.1])));
    const before = memory().numTensors;
    const message = new RegExp(
      [
        /^\[solvers\/solve\] fixed-point stopped after 30 steps \(max-steps\) on 2 of 500 samples: /,
        /expected residual <= atol \+ rtol \|value\|, got \d\.\de[+-]\d+\. Raise maxSteps, or add a fallback\.$/,
      ]
        .map(({ source }) => source)
        .join(''),
    );
    expect(() => orThrow(solve((y) => add(mul(slopes, y), 1), y0, { solver: fixedPoint(), maxSteps: 30 }))).toThrow(
      message,
    );
    expect(memory().numTensors).toBe(before);
    const { value } = orThrow(solve(half, y0, { solver: fixedPoint() }));
    expect(memory().numTensors).toBe(before + 1);
    [value, y0, slopes].forEach((t) => t.dispose());
  });

  it.each([
    ['finite residuals', 0.5, 2, '2.0e+0'],
    ['a residual of NaN', 0.5, Number.NaN, 'NaN'],
  ] as const)('the error of `orThrow` has the largest residual of 300,000 samples: %s', (_name, most, last, got) => {
    const samples = 300_000;
    const residual = new Float32Array(samples).fill(most);
    residual[samples - 1] = last;
    const before = memory().numTensors;
    const failed: Solution = {
      value: zeros([1]),
      status: 'max-steps',
      stats: {
        solver: 'mine',
        path: ['mine'],
        steps: 1,
        evaluations: 2,
        residual,
        converged: new Uint8Array(samples),
        status: [],
      },
    };
    expect(() => orThrow(failed)).toThrow(
      `[solvers/solve] mine stopped after 1 steps (max-steps) on 300000 of 300000 samples: expected residual <= atol + rtol |value|, got ${got}.`,
    );
    expect(memory().numTensors).toBe(before);
  });
});

describe('`orThrow` on a backend without synchronous reads', () => {
  onBackend(unreadBackend);

  it('if the residuals have not been read, `orThrow` throws and disposes the solution', async () => {
    const y0 = tensor2d([[0], [3]]);
    const before = memory().numTensors;
    let thrown: unknown;
    await settle(() => orThrow(solve(half, y0, { solver: anderson() }))).catch((error: unknown) => {
      thrown = error;
    });
    expect(isFlowError(thrown, 'unsupported')).toBe(true);
    expect((thrown as Error).message).toBe(
      '[solvers/orThrow] The residuals of this solve have not been read yet: expected a status that has been read, got unread. ' +
        'This backend has no synchronous read: call orThrow in onEnd, within settle.',
    );
    expect(memory().numTensors).toBe(before);
    y0.dispose();
  });
});
