/**
 * The test framework that `installGlobals` has made. It has no types.
 *
 * @returns {any}
 */
export const globalJasmine = () => Reflect.get(globalThis, 'jasmine');

/** The name under which the helpers of tfjs-core's tests import it, to set a time limit. */
export const core = globalJasmine;
