import { scoped, sizeOf, valueAndGradients, type Contraction } from '@impflow/core';
import { mul, sum, variable } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { expectAgreement } from './agree.ts';
import { dot, firstOf, linear, values, type Points } from './contraction-measures.ts';

/** Checks that `apply`, `linearize`, `push`, `jvp` and `vjp` agree, on the tape and off it, tracked and untracked. */
export const expectMethodsAgree = (g: Contraction, { x, t, w }: Points): void =>
  scoped(() => {
    const value = values(g.apply(x));
    const width = sizeOf(g.shape);
    const agrees = (got: Float32Array, wanted: Float32Array, what: string, tolerance: number): void =>
      expectAgreement(got, wanted, { what, width, tolerance });
    agrees(
      linear(g, x, (lin) => lin.value),
      value,
      'the value of linearize',
      1e-6,
    );
    for (const tracked of [true, false]) {
      const lin = g.linearize(x, { tracked });
      const { tangents, images } = lin.push(t);
      expect([lin.value.shape, tangents.shape, images.shape]).toEqual([x.shape, t.shape, t.shape]);
      agrees(values(lin.value), value, `the value, tracked: ${tracked}`, 1e-6);
      agrees(values(images), values(lin.jvp(t)), `the images of push, tracked: ${tracked}`, 1e-6);
      lin.dispose();
    }
    // On the tape, `apply` must return the value of the linearization, and its gradient must equal the result of
    // `vjp`.
    const input = variable(x);
    const taped = valueAndGradients(() => sum(mul(firstOf(w), g.apply(input))), { input });
    expect(Math.abs(taped.value.dataSync()[0]! - dot(values(firstOf(w)), value))).toBeLessThan(1e-4);
    agrees(
      values(taped.gradients['input']!),
      linear(g, x, (lin) => lin.vjp(w)).slice(0, x.size),
      'the gradient on the tape',
      1e-5,
    );
    input.dispose();
  });
