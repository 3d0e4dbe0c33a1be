// How much tests cover: `npm run test:all` sets IMPFLOW_TESTS=all (tools/vitest.mjs), and `npm test` runs a part.

/** Whether all is tested. */
export const ALL = process.env['IMPFLOW_TESTS'] === 'all';

/**
 * The builds of the kernels: the build that Node loads, and in `npm run test:all` also the build for browsers without
 * relaxed SIMD.
 *
 * @type {readonly ('relaxed' | 'simd')[]}
 */
export const BUILDS = ALL ? ['relaxed', 'simd'] : ['relaxed'];

/**
 * The backends of a suite: all in `npm run test:all`, and only the last backend in `npm test`, because other tests
 * compare the kernels.
 *
 * @template T
 * @param {readonly T[]} backends
 * @returns {readonly T[]}
 */
export const some = (backends) => (ALL ? backends : backends.slice(-1));
