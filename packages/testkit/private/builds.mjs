// The builds of the kernels that tests run on. `npm test` tests the build that Node takes; `npm run test:all` also the
// one for browsers without relaxed SIMD.

/** @type {readonly ('relaxed' | 'simd')[]} */
export const BUILDS = process.env['IMPFLOW_TESTS'] === 'all' ? ['relaxed', 'simd'] : ['relaxed'];
