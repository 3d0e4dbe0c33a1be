/**
 * The part of the test framework that is used here.
 *
 * @typedef {object} Jasmine
 * @property {number} DEFAULT_TIMEOUT_INTERVAL
 * @property {() => Environment} getEnv
 */

/**
 * @typedef {object} Environment
 * @property {(options: Configuration) => void} configure
 * @property {(reporter: { specDone: (result: SpecResult) => void }) => void} addReporter
 * @property {() => Promise<unknown>} execute
 */

/**
 * @typedef {object} Configuration
 * @property {boolean} [forbidDuplicateNames]
 * @property {boolean} [random]
 * @property {(spec: { getFullName: () => string }) => boolean} [specFilter]
 */

/**
 * @typedef {object} SpecResult
 * @property {string} fullName
 * @property {string} status
 * @property {readonly { message: string }[]} failedExpectations
 */

/**
 * The framework that `installGlobals` has made.
 *
 * @returns {Jasmine}
 */
export const globalJasmine = () => Reflect.get(globalThis, 'jasmine');

/** The name under which the helpers of tfjs-core's tests import it, to set a time limit. */
export const core = globalJasmine;
