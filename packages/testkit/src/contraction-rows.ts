import { scoped, sizeOf, type Contraction } from '@impflow/core';
import { onesLike, slice, tensor, type Tensor } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { expectAgreement } from './agree.ts';
import { linear, linearTensor, values, type Points } from './contraction-measures.ts';

/** Checks that the value and the products of a row do not depend on its batch. */
export const expectRowsAlone = (g: Contraction, { x, t }: Omit<Points, 'w'>): void =>
  scoped(() => {
    const [value, tangents] = [values(g.apply(x)), linear(g, x, (lin) => lin.jvp(t))];
    const size = x.size / x.shape[0]!;
    for (const row of [0, 3, 4]) {
      const alone = <R extends Tensor>(of: R, axis: number): Tensor =>
        slice(
          of,
          of.shape.map((_, i) => (i === axis ? row : 0)),
          of.shape.map((n, i) => (i === axis ? 1 : n)),
        );
      const what = `row ${row} of 5 alone`;
      expectAgreement(values(g.apply(alone(x, 0))), value.slice(row * size, (row + 1) * size), {
        what,
        width: size,
        tolerance: 1e-6,
      });
      expectAgreement(
        linear(g, alone(x, 0), (lin) => lin.jvp(alone(t, 1))).slice(0, size),
        tangents.slice(row * size, (row + 1) * size),
        { what: `${what}, jvp`, width: size, tolerance: 1e-5 },
      );
    }
  });

/** Checks that a row of NaN, infinity or a huge number does not change the other rows, and that NaN stays NaN. */
export const expectOthersUntouched = (g: Contraction, { x, t, w }: Points): void =>
  scoped(() => {
    const size = sizeOf(g.shape);
    const products = (bad?: number): readonly Float32Array[] => {
      const at =
        bad === undefined
          ? x
          : tensor(
              values(x).map((entry, i) => (Math.floor(i / size) === 2 ? bad : entry)),
              x.shape,
            );
      // The pullback is computed for the value and the pair, because for a linear map the products with tangents do not
      // depend on the point.
      const pulled = linearTensor(
        g,
        at,
        (lin) => lin.pullback({ value: onesLike(x), pair: { pushed: lin.push(t), cotangents: onesLike(t) } }).x,
      );
      return [
        g.apply(at),
        linearTensor(g, at, (lin) => lin.jvp(t)),
        linearTensor(g, at, (lin) => lin.vjp(w)),
        pulled,
      ].map(values);
    };
    const good = products();
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, 1e30]) {
      const spoiled = products(bad);
      for (const [i, what] of ['the value', 'jvp', 'vjp', 'the pullback'].entries()) {
        // A stack contains each row of the batch several times.
        expectAgreement(spoiled[i]!, good[i]!, {
          what: `${what} beside a row of ${bad}`,
          width: size,
          except: (row) => row % 5 === 2,
        });
      }
    }
    const spoiled = g.apply(
      tensor(
        values(x).map((entry, i) => (i < size ? Number.NaN : entry)),
        x.shape,
      ),
    );
    expect(Array.from(values(spoiled)).slice(0, size).some(Number.isNaN), 'the bad row stays NaN').toBe(true);
  });
