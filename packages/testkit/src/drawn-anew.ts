import { fold, key, uniforms, type Key } from '@impflow/core';

/** Environment variable with the seed of the sizes, or with a range of seeds, as `1-200`. */
const VARIABLE = 'IMPFLOW_LAWS_SEED';

/**
 * Runs `body` with a key that is new in every run. The message of a failure contains the seed. If the environment
 * variable `IMPFLOW_LAWS_SEED` is set, its seed is used, and for a range such as `1-200`, each seed of the range. In a
 * page, which has no environment, the seed is always new.
 *
 * @throws If the variable is neither an integer nor a range of integers.
 */
export const drawnAnew = (body: (k: Key) => void): void => {
  for (const seed of seeds()) {
    try {
      body(key(seed));
    } catch (cause) {
      const said = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`${said}\nThe sizes were drawn anew. To repeat them, set ${VARIABLE}=${seed}.`, { cause });
    }
  }
};

const seeds = (): readonly number[] => {
  const given = typeof process === 'undefined' ? undefined : process.env[VARIABLE];
  if (given === undefined || given === '') return [Math.floor(Math.random() * 1e6)];
  const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(given) ?? [];
  if (first === undefined)
    throw new Error(`${VARIABLE}: expected a seed, as 7, or a range of seeds, as 1-200, got ${JSON.stringify(given)}.`);
  return Array.from({ length: Math.max(0, Number(last) - Number(first) + 1) }, (_, i) => Number(first) + i);
};

/** Returns an integer from `from` to `to`, both included. Its logarithm is uniform, so small sizes are not rare. */
export const sizeFrom = (k: Key, from: number, to: number): number =>
  Math.min(to, Math.floor(from * ((to + 1) / from) ** uniforms(k, 1)[0]!));

/** Returns a shape with at most `entries` entries and one to three axes. */
export const shapeFrom = (k: Key, entries: number): readonly number[] => {
  const shape: number[] = [];
  for (let [axis, left] = [0, entries]; axis < 1 + Math.floor(3 * uniforms(fold(k, 9), 1)[0]!); axis++) {
    shape.push(sizeFrom(fold(k, axis), 1, Math.max(1, left)));
    left = Math.floor(left / shape.at(-1)!);
  }
  return shape;
};

/** Returns a seed that depends on the key. */
export const seedFrom = (k: Key): number => sizeFrom(fold(k, 8), 1, 1e6);
