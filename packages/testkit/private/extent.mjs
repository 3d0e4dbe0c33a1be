// Which tests run: `npm run test:all` sets IMPFLOW_TESTS=all (tools/vitest.mjs) and runs all tests; `npm test` runs a
// part of them.

/** Whether all tests run. */
export const ALL = process.env['IMPFLOW_TESTS'] === 'all';

/**
 * The builds of the kernels: the build that Node loads, and in `npm run test:all` also the build for browsers without
 * relaxed SIMD.
 *
 * @type {readonly ('relaxed' | 'simd')[]}
 */
export const BUILDS = ALL ? ['relaxed', 'simd'] : ['relaxed'];

/**
 * Returns the backends of a suite: all backends in `npm run test:all`, and only the last backend in `npm test`, because
 * other tests compare the kernels.
 *
 * @template T
 * @param {readonly T[]} backends
 * @returns {readonly T[]}
 */
export const some = (backends) => (ALL ? backends : backends.slice(-1));
