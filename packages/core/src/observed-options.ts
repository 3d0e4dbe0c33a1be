/** Options, with a record of the names that were read so far. */
export interface ObservedOptions {
  /** The options. Reading an entry records its name. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Names that were read so far, present or not. */
  read(): readonly string[];
}

/**
 * Wraps the options for a factory and records which names it reads. A name that was given but never read counts as
 * misspelled.
 *
 * @remarks Entries that a rest pattern (`...others`) collects count as read. A factory that names its options in its
 *   parameter list reads all these options, also options that were not given.
 */
export const observedOptions = (given: Readonly<Record<string, unknown>>): ObservedOptions => {
  const read = new Set<string>();
  const noted = (name: string | symbol): void => {
    if (typeof name === 'string') read.add(name);
  };
  const options = new Proxy(given, {
    get: (target, name) => {
      noted(name);
      return Object.hasOwn(target, name) ? target[name as string] : undefined;
    },
    has: (target, name) => {
      noted(name);
      return Object.hasOwn(target, name);
    },
  });
  return { options, read: () => [...read] };
};
