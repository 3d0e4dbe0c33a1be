import { wasm } from '@impflow/backend-wasm';
import { key, scoped, uniforms } from '@impflow/core';
import { buildFlow, flowSpec } from '@impflow/flows';
import { coordinatesOfRecords, type RecordsSpec } from '@impflow/tables';
import { onBackend } from '@impflow/testkit';
import { tensor2d } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

describe('coordinatesOfRecords', () => {
  onBackend(wasm());

  it('coordinatesOfRecords maps rows through the constant blocks of a flow exactly as the flow does', () => {
    const flow = flowSpec({
      dim: 4,
      blocks: 0,
      maps: [
        { map: 'log', lower: -1 },
        { map: 'logit', lower: 0, upper: 2 },
        { map: 'asinh', center: 0.5, scale: 0.2 },
        { map: 'identity' },
      ],
      scaling: { mean: [0.1, -0.3, 0, 1], scale: [0.5, 2, 1, 3] },
    });
    const spec: RecordsSpec = {
      kind: 'records',
      version: 1,
      columns: ['a', 'b', 'c', 'd'].map((name) => ({ kind: 'number', name })),
      flow,
    };
    const values = Float32Array.from(uniforms(key(1), 80), (u, i) => (i === 77 ? 2.5 : u * 0.9 + 0.05));
    const columns = [0, 1, 2, 3].map((j) => Float64Array.from({ length: 20 }, (_, row) => values[4 * row + j]!));
    const { values: mapped, logDet } = coordinatesOfRecords(spec, { rows: 20, columns, remarks: [] });
    scoped(() => {
      const { value, logDet: wanted } = buildFlow(flow).bijector.forwardWithLogDet(tensor2d(values, [20, 4]), {
        key: key(0),
      });
      const errors = Array.from(value.dataSync(), (z, i) => (i === 77 ? 0 : Math.abs(z - mapped[i]!)));
      expect(Math.max(...errors)).toBeLessThan(1e-5);
      const logDets = Array.from(wanted.dataSync(), (each, r) => [each, logDet[r]!] as const);
      for (const [each, other] of logDets.slice(0, 19)) expect(Math.abs(each - other)).toBeLessThan(1e-5);
      // Row 19 has a value outside the bounds of the second column.
      expect(logDets[19]).toEqual([-Infinity, -Infinity]);
      expect(Number.isFinite(mapped[77]!)).toBe(true);
    });
  });
});
