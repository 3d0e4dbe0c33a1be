import { wasm } from '@impflow/backend-wasm';
import { buildFlow, flowSpec } from '@impflow/flows';
import { disposeVariables } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { KINDS, SMALL_PRESET, TOY_PRESET, type ModelChoice } from '../../src/config.ts';
import { equalized, parameterCount, withParameters } from '../../src/state/parameters.ts';

const built = ({ kind, net, blocks, hidden, activation, coeff }: ModelChoice): number => {
  const { parameters } = buildFlow(
    flowSpec({
      dim: 2,
      model: kind,
      ...(net === undefined ? {} : { net }),
      blocks,
      hidden,
      activation: { name: activation },
      coeff,
    }),
  );
  const count = Object.values(parameters).reduce((sum, { size }) => sum + size, 0);
  disposeVariables();
  return count;
};

describe('parameterCount', () => {
  beforeAll(async () => {
    await wasm().start();
  });

  for (const kind of KINDS) {
    it(`parameterCount equals the number of parameters of the built flow: ${kind}`, () => {
      const shapes: Partial<ModelChoice>[] = [
        {},
        { blocks: 1, hidden: [7] },
        { blocks: 3, hidden: [5, 9, 4] },
        { activation: 'lipSwish', hidden: [8, 6] },
        { activation: 'maxMin', hidden: [6, 4] },
        { net: 'sandwich', activation: 'snake', hidden: [5, 9] },
      ];
      for (const shape of shapes) {
        const model = { ...SMALL_PRESET, kind, ...shape };
        expect(parameterCount(model), JSON.stringify(shape)).toBe(built(model));
      }
    });
  }
});

describe('scaling to equal parameters', () => {
  it('the second model gets the hidden widths whose number of parameters is closest to the number of the first model', () => {
    for (const kind of KINDS) {
      for (const target of [100, 4001, 35_208, 200_000]) {
        const model: ModelChoice = { ...SMALL_PRESET, kind, hidden: [40, 40] };
        const found = withParameters(model, target);
        const off = Math.abs(parameterCount(found) - target);
        for (let width = 1; width <= 400; width++) {
          expect(off, `${kind} ${target} ${width}`).toBeLessThanOrEqual(
            Math.abs(parameterCount({ ...model, hidden: [width, width] }) - target),
          );
        }
      }
    }
  });

  it('scaling to equal parameters keeps the number of layers and the ratios of their widths', () => {
    const { hidden } = withParameters({ ...SMALL_PRESET, hidden: [10, 30, 20] }, 60_000);
    expect(hidden).toHaveLength(3);
    expect(hidden[1]! / hidden[0]!).toBeCloseTo(3, 0);
    expect(hidden[1]! / hidden[2]!).toBeCloseTo(1.5, 0);
  });

  it('scaling to equal parameters gives even widths for activations that sort pairs', () => {
    const { hidden } = withParameters({ ...SMALL_PRESET, activation: 'maxMin', hidden: [32, 16] }, 12_345);
    expect(hidden.every((width) => width % 2 === 0)).toBe(true);
  });

  it('scaling to equal parameters changes only the second model', () => {
    const [first, second] = equalized([TOY_PRESET, { ...SMALL_PRESET, kind: 'coupling' }]);
    expect(first).toBe(TOY_PRESET);
    expect(Math.abs(parameterCount(second!) / parameterCount(TOY_PRESET) - 1)).toBeLessThan(0.01);
    expect(equalized([TOY_PRESET])).toEqual([TOY_PRESET]);
  });
});
