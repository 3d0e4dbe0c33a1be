import { FlowError, type NamedTensors, type NamedVariables, type Shape } from '@impflow/core';

interface Shaped {
  readonly shape: Shape;
}

/** Applies `f` to each entry of a record. Names and order stay unchanged. */
export const mapRecord = <A, B>(
  record: Readonly<Record<string, A>>,
  f: (value: A, name: string) => B,
): Readonly<Record<string, B>> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, f(value, name)]));

/** Returns a record in which the entry `name` is renamed to `prefix.name`. */
export const prefixed = <A>(prefix: string, record: Readonly<Record<string, A>>): Readonly<Record<string, A>> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [`${prefix}.${name}`, value]));

/** Returns the entries whose names start with `prefix.`, and removes this prefix from their names. */
export const under = <A>(prefix: string, record: Readonly<Record<string, A>>): Readonly<Record<string, A>> =>
  Object.fromEntries(
    Object.entries(record)
      .filter(([name]) => name.startsWith(`${prefix}.`))
      .map(([name, value]) => [name.slice(prefix.length + 1), value]),
  );

/**
 * Returns new tensors that share the data of `tensors`. The new tensors stay valid when the originals are disposed. The
 * caller owns the new tensors.
 */
export const cloned = (tensors: NamedTensors): NamedTensors => mapRecord(tensors, (x) => x.clone());

/**
 * Assigns `values` to the variables with the same names. The caller still owns `values`.
 *
 * @throws `checkpoint` if names or shapes differ.
 */
export const assignVariables = (variables: NamedVariables, values: NamedTensors): void => {
  assertSame('training/assignVariables', 'The values', values, variables);
  for (const [name, value] of Object.entries(values)) variables[name]!.assign(value as never);
};

/**
 * Checks that two records have the same names and shapes.
 *
 * @throws `checkpoint` if `found` has other names or shapes than `wanted`.
 */
export const assertSame = (
  at: string,
  what: string,
  found: Readonly<Record<string, Shaped>>,
  wanted: Readonly<Record<string, Shaped>>,
): void => {
  const hint = 'The tensors belong to a different model.';
  for (const [name, { shape }] of Object.entries(wanted)) {
    const got = Object.hasOwn(found, name) ? found[name] : undefined;
    if (got === undefined)
      throw new FlowError('checkpoint', at, `${what} lack "${name}"`, {
        expected: `a tensor [${shape.join(', ')}]`,
        got: 'none',
        hint,
      });
    if (String(got.shape) !== String(shape)) {
      throw new FlowError('checkpoint', at, `${what} have a wrong shape of "${name}"`, {
        expected: `[${shape.join(', ')}]`,
        got: `[${got.shape.join(', ')}]`,
        hint,
      });
    }
  }
  const extra = Object.keys(found).find((name) => !Object.hasOwn(wanted, name));
  if (extra === undefined) return;
  throw new FlowError('checkpoint', at, `${what} have "${extra}", which the model lacks`, { hint });
};
