/** Options that note which of them are read. */
export interface ObservedOptions {
  /** The options. Reading an entry records its name. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Names that were asked for so far, present or not. */
  read(): readonly string[];
}

/**
 * The same options for a factory, which tells by what it reads what it knows: a name that was given and never read is
 * misspelt.
 *
 * @remarks What a rest pattern (`...others`) takes counts as read. A factory that names its options in its parameter
 * list reads all of them, also those that were not given.
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
