import { cpu } from '@impflow/backend-cpu';
import { wasm } from '@impflow/backend-wasm';
import { valueAndGradients } from '@impflow/core';
import { importPublished } from '@impflow/flows';
import { decodeSafetensors } from '@impflow/training';
import { mean, neg, tensor, tidy, variable, type Tensor } from '@tensorflow/tfjs-core';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { largest, relative } from './compare.ts';
import { estimatorCase, type EstimatorSpec } from './estimators.ts';
import { normsCase, type NormsSpec } from './norms.ts';

// Numbers of the published implementation in float64. Another directory of cases: IMPFLOW_REFERENCE_DIR.
const directory = process.env['IMPFLOW_REFERENCE_DIR'] ?? fileURLToPath(new URL('fixtures', import.meta.url));

interface FlowCase {
  readonly kind: 'implicit' | 'residual' | 'image' | 'estimators' | 'norms';
  readonly activation: string;
  readonly coeff: number;
  readonly loss: number;
}

const cases = readdirSync(directory).filter((name) => name.endsWith('.safetensors')).toSorted().map((name) => {
  const { tensors, metadata } = decodeSafetensors(readFileSync(join(directory, name)));
  return { name, tensors, spec: JSON.parse(metadata['case']!) as FlowCase };
});

describe.each([['cpu', cpu], ['wasm', wasm]] as const)('published numbers on %s', (_backend, adapter) => {
  beforeAll(async () => { await adapter().start(); });

  describe.each(cases)('$name', ({ tensors, spec }) => {
    if (spec.kind === 'estimators') return estimatorCase(tensors, spec as unknown as EstimatorSpec);
    if (spec.kind === 'norms') return normsCase(tensors, spec as unknown as NormsSpec);
    if (spec.kind === 'image') return it.skip('image cases belong to the convolutional flows', () => {});

    const state = Object.fromEntries(Object.entries(tensors).flatMap(([name, array]) => {
      const match = /^(?:param|buffer)\.(.*)$/.exec(name);
      return match === null ? [] : [[match[1]!, { shape: array.shape, data: array.data as Float32Array }] as const];
    }));
    const load = (): ReturnType<typeof importPublished> => importPublished(state, spec);
    const input = (name: string): Tensor => tensor(Float32Array.from(tensors[name]!.data as Float32Array), [...tensors[name]!.shape]);

    it('forward, log-determinant and log-density', () => tidy(() => {
      const { flow } = load();
      const { value, logDet } = flow.bijector.forwardWithLogDet(input('in.x'), { key: { high: 0, low: 0 } });
      expect(relative(value, tensors['out.z']!.data as Float32Array)).toBeLessThan(1e-5);
      expect(largest(logDet, tensors['out.logdet']!.data)).toBeLessThan(1e-4);
      expect(largest(flow.logProb(input('in.x')), tensors['out.logp']!.data)).toBeLessThan(1e-4 + 1e-6 * Math.abs(spec.loss));
    }));

    it('inverse', () => tidy(() => {
      const { flow } = load();
      const x = flow.decode(input('in.z'));
      const z = tensors['in.z']!.data as Float32Array;
      expect(relative(flow.encode(x), z)).toBeLessThan(1e-5);
      // The published solver stops early on residual blocks: its own answer maps back to z with an error of up to 1e-4.
      const theirs = relative(flow.encode(input('out.x')), z);
      expect(relative(x, tensors['out.x']!.data as Float32Array)).toBeLessThan(1e-5 + 2 * theirs);
    }));

    it('loss and every gradient', () => tidy(() => {
      const { flow, paths } = load();
      const x = variable(input('in.x'));
      const { value, gradients } = valueAndGradients(() => neg(mean(flow.logProb(x))), { x, ...flow.parameters });
      expect(Math.abs(value.dataSync()[0]! - spec.loss)).toBeLessThan(1e-4);
      const seen = new Set<string>();
      for (const [name, wanted] of Object.entries(tensors)) {
        if (!name.startsWith('grad.')) continue;
        const path = name === 'grad.x' ? 'x' : paths.get(name.slice(5));
        expect(path, name).toBeDefined();
        expect(relative(gradients[path!]!, wanted.data as Float32Array), name).toBeLessThan(1e-3);
        seen.add(path!);
      }
      expect([...seen].toSorted()).toEqual(['x', ...Object.keys(flow.parameters)].toSorted());
    }));
  });
});
