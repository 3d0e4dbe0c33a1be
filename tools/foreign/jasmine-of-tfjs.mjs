/**
 * Returns jasmine, the test framework that `installGlobals` has created. The package has no types, so the result is
 * `any`.
 *
 * @returns {any}
 */
export const globalJasmine = () => Reflect.get(globalThis, 'jasmine');

/** The helpers of tfjs-core's tests import jasmine under this name, to set a time limit. */
export const core = globalJasmine;
