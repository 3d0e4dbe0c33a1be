import type { Tensor } from '@tensorflow/tfjs-core';
import { FlowError, isFlowError } from './errors.ts';
import type { Shape } from './tensor.ts';

/** Returns the name of a plugin, or undefined if it has no name. */
export const nameOf = (plugin: unknown): string | undefined => {
  const name = (plugin as { readonly name?: unknown } | null | undefined)?.name;
  return typeof name === 'string' && name !== '' ? name : undefined;
};

/** Returns the beginning of a message, such as `The solver "mine"`. */
const titled = (kind: string, name: string | undefined): string =>
  `The ${kind}${name === undefined ? '' : ` "${name}"`}`;

/**
 * Throws an `input` error if `plugin` is not an object with the methods `methods`. The message contains `kind`, such as
 * "solver", and `name`, which is by default the name of the plugin.
 */
export const assertMethods = (
  at: string,
  kind: string,
  plugin: unknown,
  methods: readonly string[],
  name: string | undefined = nameOf(plugin),
): void => {
  const isObject = typeof plugin === 'object' && plugin !== null;
  const missing = methods.filter(
    (method) => !isObject || typeof (plugin as Readonly<Record<string, unknown>>)[method] !== 'function',
  );
  if (missing.length === 0) return;
  throw new FlowError('input', at, `${titled(kind, name)} does not keep the contract of its kind`, {
    expected: `an object with the methods ${methods.join(', ')}`,
    got: isObject ? `no ${missing.join(', ')}` : String(plugin),
  });
};

/**
 * Throws a `shape` error if `x` is not a tensor of shape `shape`. `what` names this result of the plugin. Reads no
 * value.
 */
export const assertGiven = (at: string, kind: string, plugin: unknown, what: string, x: Tensor, shape: Shape): void => {
  const given = (x as Tensor | null | undefined)?.shape as Shape | undefined;
  if (given !== undefined && given.length === shape.length && shape.every((n, i) => n === given[i])) return;
  throw new FlowError('shape', at, `${titled(kind, nameOf(plugin))} gave a wrong ${what}`, {
    expected: `shape [${shape.join(', ')}]`,
    got: given === undefined ? String(x) : `[${given.join(', ')}]`,
  });
};

/** Errors that already name their plugin, or that do not come from a plugin. */
const settled = new WeakSet<Error>();

/**
 * Runs `body()`, which calls a method of a plugin. If the method throws, the error names the plugin: see
 * {@link failedIn}.
 */
export const calling = <T>(at: string, kind: string, plugin: unknown, method: string, body: () => T): T => {
  try {
    return body();
  } catch (cause) {
    throw failedIn(at, kind, plugin, method, cause);
  }
};

/**
 * Runs `body()`, which calls code outside the plugin, such as the map that a solver is given. An error that this code
 * throws passes through the plugin unchanged.
 */
export const foreign = <T>(body: () => T): T => {
  try {
    return body();
  } catch (cause) {
    if (cause instanceof Error) settled.add(cause);
    throw cause;
  }
};

/**
 * Returns the error to throw after a method of a plugin threw `cause`. The error names the plugin; `name` is by default
 * the plugin's own name. The code of the error is the code of `cause` if `cause` is a {@link FlowError}, else `plugin`.
 * An error is returned unchanged if it names an inner plugin or the package function with this name, or if it is an
 * interruption (`AbortError`).
 */
export const failedIn = (
  at: string,
  kind: string,
  plugin: unknown,
  method: string,
  cause: unknown,
  name: string | undefined = nameOf(plugin),
): unknown => {
  if (
    cause instanceof Error &&
    (settled.has(cause) || cause.name === 'AbortError' || (isFlowError(cause) && names(cause, name)))
  )
    return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  const error = new FlowError(
    isFlowError(cause) ? cause.code : 'plugin',
    at,
    `${titled(kind, name)} failed in ${method}: ${message.replace(/\.$/, '')}`,
    { cause },
  );
  settled.add(error);
  return error;
};

const names = ({ at, message }: FlowError, name: string | undefined): boolean =>
  name === undefined || squashed(String(at)).includes(squashed(name)) || message.includes(`"${name}"`);

/** Removes case and separators, so that `fixed-point` and `fixedPoint` are the same name. */
const squashed = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');
