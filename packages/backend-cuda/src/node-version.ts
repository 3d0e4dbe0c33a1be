import { FlowError } from '@impflow/core';

/**
 * Returns whether tfjs-node 4.22 runs on a version of Node. In every operation, tfjs-node calls
 * `util.isNullOrUndefined`, which Node 23 has removed. On Node 23 the import succeeds, but the first operation throws a
 * TypeError. For versions of Node that are too old for ImpFlow the result is false.
 */
export const runsOn = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < 23 && (major > 20 || (major === 20 && minor >= 19));
};

/**
 * Throws `unsupported` if the package `name` does not run on this version of Node. The error names `at` as the function
 * that failed.
 */
export const assertRunsOn = (at: string, name: string, version: string): void => {
  if (runsOn(version)) return;
  throw new FlowError('unsupported', at, `${name} does not run on this version of Node`, {
    expected: '>= 20.19 and < 23',
    got: version,
    hint: 'Use Node 22, or another backend such as wasm().',
  });
};
