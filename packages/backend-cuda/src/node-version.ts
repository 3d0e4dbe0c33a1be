import { FlowError } from '@impflow/core';

/**
 * Whether tfjs-node 4.22 runs on a version of Node. It calls `util.isNullOrUndefined` in every operation, which Node 23
 * has removed: the import succeeds there, and the first operation throws a TypeError. ImpFlow sets the lower limit.
 */
export const runsOn = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < 23 && (major > 20 || (major === 20 && minor >= 19));
};

/** Throws `unsupported`, from `at`, where the package `name` does not run on this version of Node. */
export const assertRunsOn = (at: string, name: string, version: string): void => {
  if (runsOn(version)) return;
  throw new FlowError('unsupported', at, `${name} does not run on this version of Node`, {
    expected: '>= 20.19 and < 23',
    got: version,
    hint: 'Take Node 22, or another backend: wasm() for example.',
  });
};
