import { expect } from 'vitest';

/** Gradients by name. */
type Gradients = Readonly<Record<string, ArrayLike<number>>>;

/** Distance of the points beside zero. */
const BESIDE = 2 ** -10;
/** Largest relative difference of a gradient at zero from its limit: about 1e-3 times a second derivative of 1. */
const LIMIT = 2e-3;
/** Relative difference of the gradients on both sides of zero from which on zero counts as a kink. */
const JUMP = 2e-2;

/**
 * Checks that the gradients at points with entries of zero are finite, and that they are the limit of the gradients at
 * small entries of both signs. `at` returns the gradients at points whose zeros are replaced by a number.
 *
 * @remarks If any gradient jumps at zero, zero is a kink, and every gradient at zero only has to be finite: a net with
 * ReLUs chooses one of several derivatives for each of its ReLUs, so its gradient need not lie between the limits.
 */
export const expectGradientsAtZero = (what: string, at: (entry: number) => Gradients): void => {
  const [below, zero, above] = [-BESIDE, 0, BESIDE].map(at) as [Gradients, Gradients, Gradients];
  const sizes = Object.fromEntries(
    Object.entries(above).map(([name, of]) => [name, 1 + Math.max(...Array.from(of, Math.abs))]),
  );
  const names = Object.keys(zero);
  for (const name of names) {
    const bad = Array.from(zero[name]!).findIndex((entry) => !Number.isFinite(entry));
    if (bad >= 0)
      expect.fail(
        `${what}, gradient of ${name}, number ${bad}, at points with entries of exactly 0: expected a finite number, ` +
          `got ${zero[name]![bad]}.`,
      );
  }
  const gap = (name: string, i: number): number => Math.abs(above[name]![i]! - below[name]![i]!) / sizes[name]!;
  if (names.some((name) => Array.from(zero[name]!).some((_, i) => !(gap(name, i) <= JUMP)))) return;
  for (const name of names) {
    for (const [i, got] of Array.from(zero[name]!).entries()) {
      const limit = (above[name]![i]! + below[name]![i]!) / 2;
      if (!(Math.abs(got - limit) <= LIMIT * sizes[name]!))
        expect.fail(
          `${what}, gradient of ${name}, number ${i}, at points with entries of exactly 0: expected ${limit}, as for ` +
            `entries of ${-BESIDE} and ${BESIDE}, got ${got}.`,
        );
    }
  }
};
