import { drawNormal, fold, key, scoped, type Contraction, type Key } from '@impflow/core';
import { expectAgreement } from './agree.ts';
import { expectConsistent } from './consistency.ts';
import { linear, part, values } from './contraction-measures.ts';
import { sizeFrom } from './drawn-anew.ts';
import { rounding, termsOf } from './rounding.ts';
import { expectPresentParameters } from './same-tensors.ts';
import { shiftParameters } from './shifted.ts';
import type { Subject } from './subject.ts';

/** Returns a contraction as a map for {@link expectConsistent}. */
const subjectOf = (g: Contraction, kinks: boolean, what: string): Subject => ({
  what,
  shape: g.shape,
  kinks,
  terms: termsOf(
    g.shape.reduce((product, n) => product * n, 1),
    Object.values(g.parameters),
  ),
  at: (x) => {
    const lin = g.linearize(x);
    return {
      value: g.apply(x),
      jvp: (t) => lin.jvp(t),
      vjp: (w) => lin.vjp(w),
      pullback: (u, t, w) => lin.pullback({ value: u, pair: { pushed: lin.push(t), cotangents: w } }),
      dispose: () => {
        lin.dispose();
      },
    };
  },
});

/** Checks a map at a long batch with many tangents, and at a single row. */
export const expectLargeSizes = (g: Contraction, kinks: boolean, what: string): void => {
  const subject = subjectOf(g, kinks, what);
  expectConsistent(subject, { rows: 260, stack: 1, key: key(71) });
  expectConsistent(subject, { rows: 24, stack: 11, key: key(72) });
  expectVeryLong(g, subject);
};

/** Number of rows of a very long batch, and of its first part. */
const [VERY_LONG, FIRST] = [1100, 500];

/** Checks that values and products of a very long batch are the values and products of its parts. */
const expectVeryLong = (g: Contraction, { what, terms }: Subject): void =>
  scoped(() => {
    const x = drawNormal(key(77), [VERY_LONG, ...g.shape]);
    const t = drawNormal(key(78), [1, VERY_LONG, ...g.shape]);
    const results = (first: number, count: number): readonly Float32Array[] => {
      const [at, along] = [part(x, 0, first, count), part(t, 1, first, count)];
      return [values(g.apply(at)), linear(g, at, (lin) => lin.jvp(along))];
    };
    const whole = results(0, VERY_LONG);
    const width = x.size / VERY_LONG;
    for (const [first, count] of [
      [0, FIRST],
      [FIRST, VERY_LONG - FIRST],
    ] as const) {
      for (const [i, found] of results(first, count).entries()) {
        const wanted = whole[i]!.subarray(first * width, (first + count) * width);
        expectAgreement(found, wanted, {
          what: `${what}, ${i === 0 ? 'the value' : 'jvp'} of ${count} rows from row ${first} of ${VERY_LONG} alone`,
          width,
          tolerance: rounding(terms) * Math.max(1, ...wanted.map(Math.abs)),
        });
      }
    }
  });

/** Checks a map at a random size. */
export const expectDrawnSizes = (g: Contraction, kinks: boolean, k: Key): void =>
  expectConsistent(subjectOf(g, kinks, 'the map'), {
    rows: sizeFrom(fold(k, 1), kinks ? 16 : 4, 24),
    stack: sizeFrom(fold(k, 2), 1, 3),
    key: fold(k, 3),
  });

/** Checks that results for the same tensors follow a change of the parameters. */
export const expectParametersFollowed = (g: Contraction): void =>
  scoped(() => {
    const x = drawNormal(key(75), [3, ...g.shape]);
    const t = drawNormal(key(76), [1, 3, ...g.shape]);
    expectPresentParameters(
      (use) => {
        const [at, along] = [use(x), use(t)];
        const lin = g.linearize(at);
        const found = { apply: g.apply(at), jvp: lin.jvp(along), vjp: lin.vjp(along) };
        lin.dispose();
        return found;
      },
      () => {
        shiftParameters(g.parameters, 0.05);
        g.refresh({ tolerance: 1e-5 });
      },
    );
  });

/** Number of calls of one instance. */
const CALLS = 45;

/** Checks that values, products and gradients are the same after many calls. */
export const expectSameAfterMany = (g: Contraction): void =>
  scoped(() => {
    const x = drawNormal(key(73), [2, ...g.shape]);
    const t = drawNormal(key(74), [1, 2, ...g.shape]);
    const call = (): readonly Float32Array[] => {
      const lin = g.linearize(x);
      const pulled = lin.pullback({ value: x, pair: { pushed: lin.push(t), cotangents: t } });
      const found = [g.apply(x), lin.jvp(t), lin.vjp(t), pulled.x, ...pulled.weights].map((of) => values(of));
      lin.dispose();
      return found;
    };
    const first = call();
    for (let i = 2; i < CALLS; i++) call();
    for (const [i, result] of call().entries())
      expectAgreement(result, first[i]!, {
        what: `${['the value', 'jvp', 'vjp', 'the pullback'][i] ?? `the gradient of weight ${i - 4}`} at call ${CALLS}`,
      });
  });
