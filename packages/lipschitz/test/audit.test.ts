import { cpu } from '@impflow/backend-cpu';
import { key, normals, uniforms } from '@impflow/core';
import { auditNorms, mlp } from '@impflow/lipschitz';
import { onBackend } from '@impflow/testkit';
import { tensor, tidy, type Variable } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

const set = (target: Variable, values: ArrayLike<number>): void => tidy(() => { target.assign(tensor(Float32Array.from(values), target.shape)); });

describe('auditNorms', () => {
  onBackend(cpu());

  it('every layer keeps its cap after a tight refresh, whatever the weights and the vectors were', () => {
    const g = mlp({ dim: 2, hidden: [64, 64], coeff: 0.9, key: key(1) });
    const diagonal = (value: (i: number) => number) => Float64Array.from({ length: 64 * 64 }, (_, at) => at % 65 === 0 ? value(at / 65) : 0);
    const z = normals(key(2), 64 * 64);
    const weights: readonly ArrayLike<number>[] = [
      z, z.map((x) => 1e-3 * x), z.map((x) => 1e6 * x), new Float64Array(64 * 64),
      diagonal((i) => 2 - 2e-3 * i / 64), diagonal((i) => i === 63 ? 1.003 : 1), diagonal((i) => i === 0 ? 3 : 0),
    ];
    for (const weight of weights) {
      set(g.parameters['layers.2.weight']!, weight);
      set(g.parameters['layers.4.weight']!, uniforms(key(3), 128));
      set(g.buffers['layers.2.v']!, Float64Array.from({ length: 64 }, (_, i) => i === 1 ? 1 : 0));
      g.refresh({ tolerance: 1e-5 });
      const audit = auditNorms(g, { coeff: 0.9 });
      expect(audit.map(({ path, cap }) => [path, cap])).toEqual([['layers.0', 0.9], ['layers.2', 0.9], ['layers.4', 0.9]]);
      for (const { norm, path } of audit) expect(norm, path).toBeLessThan(0.9 * (1 + 1e-3));
    }
  });

  it('sees a cap that was not refreshed', () => {
    const g = mlp({ dim: 4, hidden: [8], coeff: 0.5, key: key(4) });
    set(g.parameters['layers.0.weight']!, normals(key(5), 32));
    const [first, second] = auditNorms(g, { coeff: (path) => path === 'layers.0' ? 0.5 : 0.4 });
    expect(first!.norm).toBeGreaterThan(0.51);
    expect(second).toEqual({ path: 'layers.2', norm: 0, cap: 0.4 });
  });
});
