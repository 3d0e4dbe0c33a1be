import { nameOf, titled } from './contract.ts';
import { FlowError, isFlowError } from './errors.ts';

/** Errors that say already whose they are, or that are no plugin's. */
const settled = new WeakSet<Error>();

/** `body()`, a call of a method of a plugin. An error out of it names the plugin: see {@link failedIn}. */
export const calling = <T>(at: string, kind: string, plugin: unknown, method: string, body: () => T): T => {
  try {
    return body();
  } catch (cause) {
    throw failedIn(at, kind, plugin, method, cause);
  }
};

/**
 * `body()`, a call of what is not the plugin's own, such as the map that a solver is given. An error out of it passes
 * the plugin as it is.
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
 * What to throw where a method of a plugin threw `cause`: an error that names the plugin, `name` where left out by its
 * own. It has the code of a {@link FlowError}, else the code `plugin`. An error that names a plugin further in, or the
 * package function of this name, stays as it is; an interruption too.
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

/** `fixed-point` and `fixedPoint` are one name. */
const squashed = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');
