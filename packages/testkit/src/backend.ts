import { release, scoped, type Backend, type BackendAdapter } from '@impflow/core';
import { add, grads, matMul, mul, softplus, sum, tanh, transpose, type Tensor } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { expectAgreement } from './agree.ts';
import { EDGES } from './backend/edges.ts';
import { DRAWS } from './backend/keys.ts';
import { lifecycle } from './backend/lifecycle.ts';
import { computed, drawn, expectClose, type Numbers } from './backend/numbers.ts';
import { OPERATIONS } from './backend/operations.ts';
import type { Case } from './backend/operations/case.ts';
import { early, late, trained, WATCHED, type Run } from './backend/training.ts';
import { expectNothingLeft } from './kept.ts';
import { laws, type Exceptions } from './law.ts';

/**
 * Names of the laws, as keys of `except`. Each operation is a law, and each case of special numbers (`edge`) is a law.
 */
export type BackendLaw =
  `${'operation' | 'edge' | 'keys' | 'determinism' | 'memory' | 'lifecycle' | 'training'}: ${string}`;

/** Options of {@link testBackend}. */
export interface BackendSuite {
  /** Makes the adapter of the backend. */
  readonly adapter: () => BackendAdapter;
  /** Makes the adapter of the backend with which the results are compared. */
  readonly reference: () => BackendAdapter;
  /**
   * Largest allowed difference from the reference, divided by `max(1, m)`, where `m` is the largest finite absolute
   * value of the reference. The bound holds for the result of an operation and for its gradients. The value is one
   * number for all operations, or a record of numbers by name of the operation, with `default` for operations without
   * an entry. Default 1e-5.
   */
  readonly precision?: number | Readonly<Record<string, number>>;
  /** Laws that the device does not keep, each with the reason. The report shows these laws as skipped. Default none. */
  readonly except?: Exceptions<BackendLaw>;
  /** Number of steps in the laws that train a flow, at least 16. Default 500. */
  readonly steps?: number;
}

/**
 * Registers the laws of backends. Operations and their gradients agree with a reference backend, also for NaN,
 * infinities and very large numbers; the same computation gives the same bits; no tensor leaks; the backend starts and
 * stops, and other backends start after it; a small flow trains on the backend. Call this function at the top level of
 * a vitest file, in Node or in a browser.
 *
 * @remarks Reads tensors only by awaiting, because some backends have no synchronous reads.
 * @throws an `Error` if `except` contains a name that is not a law.
 */
export const testBackend = ({ adapter, reference, precision = {}, except = {}, steps = 500 }: BackendSuite): void => {
  const names = new Set<string>();
  const register = laws<BackendLaw>(adapter().name === reference().name ? { ...ALONE, ...except } : except);
  const law: typeof register = (title, ...rest) => {
    names.add(title);
    register(title, ...rest);
  };
  const within = (operation: string): number =>
    typeof precision === 'number' ? precision : (precision[operation] ?? precision['default'] ?? 1e-5);

  describe(`${adapter().name} keeps the backend laws`, () => {
    describe('while it runs', () => {
      const wanted = new Map<Case, readonly Numbers[]>();
      const wantedDraws = new Map<string, readonly (readonly number[])[]>();
      let backend: Backend | undefined;
      beforeAll(async () => {
        const other = await reference().start();
        for (const each of Object.values(OPERATIONS).flat()) wanted.set(each, await run(each));
        for (const [name, draw] of Object.entries(DRAWS)) wantedDraws.set(name, await draw());
        other.dispose();
        backend = await adapter().start();
      }, LONG);
      afterAll(() => {
        backend?.dispose();
      });

      for (const [name, cases] of Object.entries(OPERATIONS)) {
        law(
          `operation: ${name}`,
          async () => {
            for (const each of cases) {
              const shapes = each.inputs.map(({ shape }) => `[${shape.join(', ')}]`).join(' ');
              (await run(each)).forEach((got, i) => {
                expectClose(
                  got,
                  wanted.get(each)![i]!,
                  within(name),
                  `${name} of ${shapes}${i === 0 ? '' : `, gradient ${i}`}`,
                );
              });
            }
          },
          LONG,
        );
      }
      for (const { name, holds } of EDGES) law(`edge: ${name}`, holds, LONG);
      for (const [name, draw] of Object.entries(DRAWS))
        law(`keys: ${name}`, async () => {
          sameBits(await draw(), wantedDraws.get(name)!, name);
        });

      law('determinism: a forward pass gives the same bits', async () => {
        const once = valuesIn(await computed(() => [net(...inputs())]));
        for (let i = 0; i < 5; i++) sameBits(valuesIn(await computed(() => [net(...inputs())])), once, 'the result');
      });
      law('determinism: a gradient gives the same bits', async () => {
        const once = valuesIn(await computed(() => grads(net)([...inputs()])));
        for (let i = 0; i < 5; i++)
          sameBits(valuesIn(await computed(() => grads(net)([...inputs()]))), once, 'the gradient');
      });

      law('memory: a gradient leaves no tensor', async () => {
        const step = async (): Promise<void> => {
          await computed(() => grads(net)([...inputs()]));
        };
        await step();
        await expectNothingLeft('20 gradients', async () => {
          for (let i = 0; i < 20; i++) await step();
        });
      });
      law('memory: an error thrown in a scope leaves no tensor', () =>
        expectNothingLeft('a throw in a scope', () => {
          expect(() =>
            scoped(() => {
              const y = net(...inputs());
              throw new Error(`after ${y.rank}`);
            }),
          ).toThrow('after 0');
        }),
      );
      law('memory: a copy outlives its source', async () => {
        const x = drawn({ shape: [7] }, 1);
        const [copy, values] = [x.clone(), [...(await x.data())]];
        x.dispose();
        expect([...(await copy.data())]).toEqual(values);
        release(copy);
      });
    });

    for (const [name, holds] of Object.entries(lifecycle(adapter, reference))) law(`lifecycle: ${name}`, holds, LONG);

    describe('in training', () => {
      let [here, there]: (Run | undefined)[] = [];
      beforeAll(async () => {
        if (TRAINING.every((name) => except[`training: ${name}`] !== undefined)) return;
        there = await trained(reference(), steps);
        here = adapter().name === reference().name ? there : await trained(adapter(), steps);
      }, 2 * LONG);

      law(`training: ${TRAINING[0]}`, () => {
        expect(late(here!.losses)).toBeLessThan(early(here!.losses));
      });
      law(`training: ${TRAINING[1]}`, () => {
        expect(Math.abs(late(here!.losses) - late(there!.losses))).toBeLessThan(0.02);
      });
      law(`training: ${TRAINING[2]}`, () => {
        const { held, left } = here!;
        const grown = held.findIndex(
          ({ tensors, buffers }, step) => step > 1 && (tensors !== held[1]!.tensors || buffers !== held[1]!.buffers),
        );
        if (grown < 0) return;
        const [before, after] = [held[1]!, held[grown]!];
        expect.fail(
          `Step ${grown}: expected ${before.tensors} tensors and ${before.buffers} buffers as after step 1, ` +
            `got ${after.tensors} and ${after.buffers}. Tensors of step ${WATCHED} that still exist, including ` +
            `the state of the optimizer:${left}`,
        );
      });
    });
  });
  const unknown = Object.keys(except).filter((name) => !names.has(name));
  if (unknown.length > 0) throw new Error(`[testkit/testBackend] Unknown laws in except: ${unknown.join(', ')}.`);
};

const TRAINING = ['the loss falls', 'reaches the loss of the reference', 'no step leaves a tensor'] as const;

const valuesIn = (results: readonly Numbers[]): readonly (readonly number[])[] => results.map(({ values }) => values);

const sameBits = (got: readonly (readonly number[])[], wanted: readonly (readonly number[])[], what: string): void => {
  expect(got).toHaveLength(wanted.length);
  for (const [i, numbers] of wanted.entries())
    expectAgreement(got[i]!, numbers, { what: `${what}, ${i + 1} of ${wanted.length}` });
};

/** Timeout in milliseconds. Software renderers are slow. */
const LONG = 600_000;

/** Laws that are skipped if a backend is compared with itself, because they need two different backends. */
const ALONE: Exceptions<BackendLaw> = {
  'lifecycle: no other backend starts while it holds tensors': 'it is the reference itself',
  'lifecycle: does not start while another backend holds tensors': 'it is the reference itself',
};

/**
 * Returns the result and the gradients of a weighted sum of its entries. The weights are positive and random, so the
 * contributions of two entries do not cancel.
 */
const run = ({ inputs, f, gradient = true }: Case): Promise<readonly Numbers[]> =>
  computed(() => {
    const x = inputs.map(drawn);
    const y = f(...x);
    return gradient ? [y, ...grads(f)(x, drawn({ shape: y.shape, from: 0.5, to: 2 }, 99))] : [y];
  });

const inputs = (): [Tensor, Tensor, Tensor] => [
  drawn({ shape: [129, 67] }, 1),
  drawn({ shape: [33, 67] }, 2),
  drawn({ shape: [33] }, 3),
];
/** Returns the value of a scalar function with products, sums and broadcasting. */
const net = (x: Tensor, weight: Tensor, bias: Tensor): Tensor =>
  sum(softplus(mul(tanh(add(matMul(x, transpose(weight)), bias)), sum(x, 1, true))));
