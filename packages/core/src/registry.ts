import { assertMethods } from './contract.ts';
import { FlowError } from './errors.ts';

/** A plugin: a function from an options record to a product. */
export type Factory<Product> = (options: never) => Product;
export type Table<Product> = Readonly<Record<string, Factory<Product>>>;
export type OptionsOf<F> = F extends (options: infer O) => unknown ? NonNullable<O> : never;

/** One entry of a JSON spec, discriminated by `name`. */
export type Named<T extends Table<unknown>> = {
  [K in keyof T & string]: { readonly name: K; readonly options?: OptionsOf<T[K]> };
}[keyof T & string];

/** Names for plugins, for the edges where a name is all there is: command lines, JSON specs, menus. Immutable. */
export interface Registry<T extends Table<unknown>> {
  readonly kind: string;
  readonly names: readonly string[];
  has(name: string): boolean;
  /** @throws `registry` for an unknown name, with the nearest known one; `input` where the factory gives something without the methods of its kind. */
  create(spec: { readonly name: string; readonly options?: Readonly<Record<string, unknown>> }): ReturnType<T[keyof T]>;
  /** A new registry; this one stays as it is. @throws `registry` where a name is taken. */
  extend<U extends Table<ReturnType<T[keyof T]>>>(more: U): Registry<T & U>;
}

/** A registry of the factories of `table`; `kind` names them in errors, as in "Unknown solver". Whatever they make must have `methods`; default none. */
export const registry = <T extends Table<unknown>>(kind: string, table: T, methods: readonly string[] = []): Registry<T> => Object.freeze<Registry<T>>({
  kind,
  names: Object.keys(table),
  has: (name: string) => Object.hasOwn(table, name),
  create: ({ name, options }) => {
    if (!Object.hasOwn(table, name)) throw unknownName('core/registry', kind, name, Object.keys(table));
    const product = (table[name] as unknown as (options?: unknown) => ReturnType<T[keyof T]>)(options);
    if (methods.length > 0) assertMethods('core/registry', kind, product, methods, name);
    return product;
  },
  extend: (more) => {
    const taken = Object.keys(more).filter((name) => Object.hasOwn(table, name));
    if (taken.length > 0) throw new FlowError('registry', 'core/registry', `The ${kind} name ${taken.join(', ')} is taken`, { hint: 'Give the plugin a name of its own.' });
    return registry(kind, { ...table, ...more }, methods);
  },
});

/** The error for a name that is none of `known`, with a suggestion where one is near. */
export const unknownName = (at: string, kind: string, name: string, known: readonly string[]): FlowError => {
  const near = nearest(name, known);
  return new FlowError('registry', at, `Unknown ${kind}`, {
    expected: `one of ${known.join(', ')}`, got: `"${name}"`, ...(near === undefined ? {} : { hint: `Did you mean "${near}"?` }),
  });
};

/** The entry of `known` within a third of its length in edits of `name`, if any. */
export const nearest = (name: string, known: readonly string[]): string | undefined => {
  const ranked = known.map((entry) => ({ entry, edits: editDistance(name.toLowerCase(), entry.toLowerCase()) })).sort((a, b) => a.edits - b.edits);
  const best = ranked[0];
  // Of one letter nothing is left when it is changed.
  const alike = best !== undefined && best.edits <= Math.max(2, Math.floor(best.entry.length / 3)) && best.edits < Math.max(name.length, best.entry.length);
  return alike ? best.entry : undefined;
};

const editDistance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length]!;
};
