import { scoped, type Solver } from '@impflow/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { expectAgreement } from './agree.ts';
import { differentiable, swirl } from './maps.ts';
import { formFor, starts } from './solver-runs.ts';

/** Checks the shapes of every batch that the map receives, of the value and of the residual. */
export const expectShapes = (solver: () => Solver): void =>
  scoped(() => {
    for (const rows of [1, 5]) {
      const method = solver();
      const f = swirl([3], 0.7);
      const seen = new Set<string>();
      // The shape is recorded and checked later, because the method could catch an error that is thrown here.
      const map = formFor(
        method,
        differentiable((y) => {
          seen.add(`[${y.shape.join(', ')}]`);
          return f(y);
        }),
      );
      let state = method.init(map, starts([3], rows));
      for (let i = 0; i < 4; i++) {
        expect({ value: state.value.shape, residual: state.residual.shape }, `after ${i} steps`).toEqual({
          value: [rows, 3],
          residual: [rows],
        });
        state = method.step(map, state);
      }
      expect([...seen], 'shapes of the batches that the map received').toEqual([`[${rows}, 3]`]);
    }
  });

/**
 * Checks that a method that does not linearize the map evaluates it last at the new value. Blocks compute their
 * log-determinant from the last evaluation of a solve.
 */
export const expectLastAtValue = (solver: () => Solver): void =>
  scoped(() => {
    const method = solver();
    const form = differentiable(formFor(method, swirl([3], 0.7)));
    const seen: { last?: ArrayLike<number>; linearized?: true } = {};
    const map = Object.assign(
      (y: Tensor) => {
        seen.last = y.dataSync().slice();
        return form(y);
      },
      {
        linearize: (x: Tensor) => {
          seen.linearized = true;
          return form.linearize(x);
        },
      },
    );
    let state = method.init(map, starts([3], 5));
    for (let i = 0; i < 5 && seen.linearized === undefined; i++) {
      expect(seen.last, 'the map is evaluated').toBeDefined();
      expectAgreement(seen.last!, state.value.dataSync(), {
        what: `the point of the last evaluation, after ${i} steps`,
        width: 3,
      });
      state = method.step(map, state);
    }
  });
