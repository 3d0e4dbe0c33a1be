import { wasm } from '@impflow/backend-wasm';
import { key, normals } from '@impflow/core';
import { builtInRegistries, extendRegistries, flowSpec } from '@impflow/flows';
import { logDensitiesOf, recordFlow, type RecordFlow, type RecordsSpec } from '@impflow/tables';
import { onBackend } from '@impflow/testkit';
import { fill, greater, mul, reshape, slice, where, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

/** Returns a solver that never changes its start value. Rows whose first entry is above 0 get the residual NaN. */
const halfStuck = () => {
  const here = (value: Tensor) => {
    const rows = value.shape[0]!;
    const first = reshape(slice(value, [0, 0], [rows, 1]), [rows]);
    return { value: value.clone(), residual: where(greater(first, 0), fill([rows], NaN), fill([rows], 0)) };
  };
  return {
    name: 'halfStuck',
    problem: 'fixed-point',
    init: (_: unknown, y0: Tensor) => here(y0),
    step: (_: unknown, { value }: { readonly value: Tensor }) => here(value),
  };
};

describe('logDensitiesOf with failed solves', () => {
  onBackend(wasm());

  it('a row whose solve fails gets the log-density NaN, and all other rows keep their log-densities', () => {
    const registries = extendRegistries(builtInRegistries, { impflow: { solver: { halfStuck } } }, 'a test');
    const spec: RecordsSpec = {
      kind: 'records',
      version: 1,
      columns: [
        { kind: 'number', name: 'a' },
        { kind: 'number', name: 'b' },
      ],
      flow: flowSpec({ dim: 2, blocks: 1, hidden: [4], solver: { name: 'halfStuck' } }),
    };
    const density = recordFlow(spec, { registries });
    const columns = [1, 2].map((seed) => Float64Array.from(normals(key(seed), 20)));
    const events = density.eventsOf({ rows: 20, columns, remarks: [] });
    const { values, converged } = logDensitiesOf(density, events, { estimated: false });
    const fails = [...columns[0]!].map((first) => first > 0);
    expect(new Set(fails).size).toBe(2);
    expect([...values].map((value) => Number.isNaN(value))).toEqual(fails);
    expect([...converged].map((flag) => flag === 0)).toEqual(fails);
  });

  it('the error of an estimated mean ignores rows whose solve failed, and uses the weights of all other rows', () => {
    // In draw k, from 0 to 7, the log-density of a row is k times its number. The sample variance of the numbers 0 to 7
    // is 6.
    const errorOf = (weights?: Float64Array): number | undefined => {
      let k = 0;
      const logProb = (events: Tensor): Tensor => mul(reshape(events, [-1]), k++);
      const density = { size: 1, flow: { dim: 1 }, logProb } as unknown as RecordFlow;
      return logDensitiesOf(density, Float32Array.of(1, 2, NaN, 4), {
        estimated: true,
        ...(weights === undefined ? {} : { weights }),
      }).errorOfMean;
    };
    expect(errorOf()).toBeCloseTo(((1 + 2 + 4) / 3) * Math.sqrt(6 / 8), 5);
    expect(errorOf(Float64Array.of(3, 1, 5, 0))).toBeCloseTo(((3 * 1 + 1 * 2) / 4) * Math.sqrt(6 / 8), 5);
  });
});
