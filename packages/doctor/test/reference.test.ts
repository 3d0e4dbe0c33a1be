import { cpu } from '@impflow/backend-cpu';
import { scoped } from '@impflow/core';
import { onBackend } from '@impflow/testkit';
import { describe, expect, it } from 'vitest';
import { matrix, type Matrix } from '../../flows/test/float64-tape.ts';
import { negativeLogLikelihood, type Float64Flow } from '../../flows/test/float64.ts';
import { summary } from '../src/gradient-check.ts';
import {
  giveBack,
  referenceFlow,
  referencePoints,
  REFERENCE_ROWS,
  REFERENCE_SPEC,
  referenceWeights,
} from '../src/reference-flow.ts';
import { REFERENCE, type Reference } from '../src/reference.ts';

const COEFF = 0.99;

/**
 * Returns the singular vectors of the largest singular value, by power iteration until the vectors no longer change in
 * float64.
 */
const singularVectors = ({ rows: m, columns: n, values }: Matrix): { readonly u: Matrix; readonly v: Matrix } => {
  const unit = (a: Float64Array): Float64Array => {
    const size = Math.hypot(...a);
    return a.map((x) => x / size);
  };
  let v: Float64Array = unit(Float64Array.from({ length: n }, (_, j) => 1 + j / n));
  let u: Float64Array = new Float64Array(m);
  for (
    let last: Float64Array = new Float64Array(n), i = 0;
    v.some((x, j) => Math.abs(x - last[j]!) > 1e-15) && i < 5000;
    i++
  ) {
    last = v;
    u = unit(Float64Array.from({ length: m }, (_, r) => v.reduce((total, x, j) => total + x * values[r * n + j]!, 0)));
    v = unit(Float64Array.from({ length: n }, (_, j) => u.reduce((total, x, r) => total + x * values[r * n + j]!, 0)));
  }
  return { u: matrix(1, m, (_, j) => u[j]!), v: matrix(1, n, (_, j) => v[j]!) };
};

/**
 * Builds the reference flow in float64. Only the names and shapes of the parameters are read from a flow on a backend.
 */
const inFloat64 = (shapes: Readonly<Record<string, readonly number[]>>): Float64Flow => ({
  blocks: 2,
  coeff: COEFF,
  tensors: Object.fromEntries(
    Object.entries(shapes).flatMap(([name, shape], i): [string, Matrix][] => {
      const columns = shape.at(-1)!;
      const values = Float64Array.from(referenceWeights(name, shape, i));
      const whole = { rows: values.length / columns, columns, values };
      if (shape.length === 1) return [[name, whole]];
      const { u, v } = singularVectors(whole);
      const layer = name.slice(0, name.lastIndexOf('.'));
      return [
        [name, whole],
        [`${layer}.u`, u],
        [`${layer}.v`, v],
      ];
    }),
  ),
});

const recomputed = (): Reference => {
  const flow = referenceFlow();
  const shapes = Object.fromEntries(Object.entries(flow.parameters).map(([name, { shape }]) => [name, shape]));
  giveBack(flow);
  const points = referencePoints();
  const { value, gradients } = negativeLogLikelihood(
    inFloat64(shapes),
    matrix(REFERENCE_ROWS, 2, (i, j) => points[2 * i + j]!),
  );
  return {
    loss: value,
    gradients: Object.fromEntries(Object.keys(shapes).map((name, i) => [name, summary(gradients[name]!, i)])),
  };
};

describe('the reference of the gradient check', () => {
  onBackend(cpu());

  it('the reference values equal an independent computation in float64', () => {
    const found = recomputed();
    // After a change of the reference flow, paste the printed numbers into reference.ts.
    if (process.env['IMPFLOW_PRINT_REFERENCE'] !== undefined) console.log(JSON.stringify(found, null, 2));
    expect(Math.abs(found.loss - REFERENCE.loss)).toBeLessThan(1e-9 * Math.abs(REFERENCE.loss));
    expect(Object.keys(found.gradients)).toEqual(Object.keys(REFERENCE.gradients));
    for (const [name, { norm, slopes }] of Object.entries(found.gradients)) {
      const kept = REFERENCE.gradients[name]!;
      for (const [got, wanted] of [[norm, kept.norm], ...slopes.map((slope, d) => [slope, kept.slopes[d]!])]) {
        expect(Math.abs(got! - wanted!), name).toBeLessThan(1e-9 * kept.norm);
      }
    }
  });

  it('the reference flow is far from the identity, and its caps scale some of its weights but not all', () => {
    const flow = referenceFlow();
    const norms = Object.entries(flow.parameters).flatMap(([name, { shape }], i): number[] => {
      if (shape.length === 1) return [];
      const [m, n] = shape as [number, number];
      const whole = { rows: m, columns: n, values: Float64Array.from(referenceWeights(name, shape, i)) };
      const { u, v } = singularVectors(whole);
      return [
        u.values.reduce(
          (total, x, r) => total + x * v.values.reduce((sum, y, j) => sum + y * whole.values[r * n + j]!, 0),
          0,
        ),
      ];
    });
    expect(norms).toHaveLength(12);
    expect(norms.filter((norm) => norm > 1.02 * COEFF).length).toBeGreaterThan(3);
    expect(norms.filter((norm) => norm < 0.98 * COEFF).length).toBeGreaterThan(3);
    expect(REFERENCE_SPEC.blocks).toHaveLength(2);
    const logDets = scoped(() => flow.logProb(flow.sample(100, { key: { high: 0, low: 1 } })).dataSync());
    expect(Math.max(...logDets) - Math.min(...logDets)).toBeGreaterThan(1);
    giveBack(flow);
  });
});
