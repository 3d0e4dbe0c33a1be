import { failedIn, assertMethods } from './contract.ts';
import { FlowError } from './errors.ts';

/** A plugin: a function that takes an options record and returns a product, such as a solver. */
export type Factory<Product> = (options: never) => Product;
/** Factories by name. */
export type Table<Product> = Readonly<Record<string, Factory<Product>>>;

/** Plugins of one kind, by name, for command lines, JSON specs and menus. Immutable. */
export interface Registry<Product> {
  /** Kind of its plugins, for messages, such as "solver". */
  readonly kind: string;
  /** Registered names, in the order of registration. */
  readonly names: readonly string[];
  /** Returns whether a name is registered. */
  has(name: string): boolean;
  /**
   * Makes the product of the factory `name`, with the given options.
   *
   * @throws `registry` for an unknown name, with the nearest known name; `input` where the product lacks methods of its
   * kind.
   */
  create(spec: { readonly name: string; readonly options?: Readonly<Record<string, unknown>> }): Product;
  /**
   * Returns a new registry that also has the given factories. The old registry does not change.
   *
   * @throws `registry` where a name is taken.
   */
  extend(more: Table<Product>): Registry<Product>;
}

/**
 * Makes a registry of the factories of `table`. `kind` is used in errors, such as "Unknown solver". The products must
 * have the methods `methods`; by default no methods are required.
 */
export const registry = <Product>(
  kind: string,
  table: Table<Product>,
  methods: readonly string[] = [],
): Registry<Product> =>
  Object.freeze<Registry<Product>>({
    kind,
    names: Object.keys(table),
    has: (name: string) => Object.hasOwn(table, name),
    create: ({ name, options }) => {
      if (!Object.hasOwn(table, name)) throw unknownName('core/registry', kind, name, Object.keys(table));
      // The type of the options belongs to the factory, which checks them.
      const product = made(kind, name, () => table[name]!(options as never));
      if (methods.length > 0) assertMethods('core/registry', kind, product, methods, name);
      return product;
    },
    extend: (more) => {
      const taken = Object.keys(more).filter((name) => Object.hasOwn(table, name));
      if (taken.length > 0)
        throw new FlowError('registry', 'core/registry', `The ${kind} name ${taken.join(', ')} is taken`, {
          hint: 'Give the plugin another name.',
        });
      return registry(kind, { ...table, ...more }, methods);
    },
  });

/** Returns the result of a factory. An error that it throws names the plugin. */
const made = <P>(kind: string, name: string, factory: () => P): P => {
  try {
    return factory();
  } catch (cause) {
    throw failedIn('core/registry', kind, undefined, 'its factory', cause, name);
  }
};

/** Returns the error for a name that is not in `known`, with a suggestion where a known name is similar. */
export const unknownName = (at: string, kind: string, name: string, known: readonly string[]): FlowError => {
  const near = nearest(name, known);
  return new FlowError('registry', at, `Unknown ${kind}`, {
    expected: `one of ${known.join(', ')}`,
    got: `"${name}"`,
    ...(near === undefined ? {} : { hint: `Did you mean "${near}"?` }),
  });
};

/**
 * Returns the entry of `known` that is most similar to `name`, or undefined. The edit distance must be at most
 * `max(2, floor(entry.length / 3))`, and less than the length of the longer name.
 */
export const nearest = (name: string, known: readonly string[]): string | undefined => {
  const ranked = known
    .map((entry) => ({ entry, edits: editDistance(name.toLowerCase(), entry.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  const best = ranked[0];
  // The number of edits must be less than the number of letters: otherwise two names of one letter would always be
  // similar.
  const alike =
    best !== undefined &&
    best.edits <= Math.max(2, Math.floor(best.entry.length / 3)) &&
    best.edits < Math.max(name.length, best.entry.length);
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
