import type { Tensor } from '@tensorflow/tfjs-core';
import { FlowError } from './errors.ts';
import type { Shape } from './tensor.ts';

/** Name of a plugin; undefined where it has none. */
export const nameOf = (plugin: unknown): string | undefined => {
  const name = (plugin as { readonly name?: unknown } | null | undefined)?.name;
  return typeof name === 'string' && name !== '' ? name : undefined;
};

/** Text such as `The solver "mine"`. */
export const titled = (kind: string, name: string | undefined): string =>
  `The ${kind}${name === undefined ? '' : ` "${name}"`}`;

/**
 * Throws an `input` error unless `plugin` is an object with these methods. `kind` and `name` appear in the message:
 * `kind` is the kind of plugin, such as "solver", and `name` is by default the plugin's own.
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
 * Throws a `shape` error unless `x` is a tensor of that shape. `what` names this result of the plugin. Reads no value.
 */
export const assertGiven = (at: string, kind: string, plugin: unknown, what: string, x: Tensor, shape: Shape): void => {
  const given = (x as Tensor | null | undefined)?.shape as Shape | undefined;
  if (given !== undefined && given.length === shape.length && shape.every((n, i) => n === given[i])) return;
  throw new FlowError('shape', at, `${titled(kind, nameOf(plugin))} gave a wrong ${what}`, {
    expected: `shape [${shape.join(', ')}]`,
    got: given === undefined ? String(x) : `[${given.join(', ')}]`,
  });
};
