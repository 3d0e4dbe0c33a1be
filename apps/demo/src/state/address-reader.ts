import { parseNumber, type NumberRule } from '../rules.ts';

/** Reads values by key and collects the problems. */
export interface AddressReader {
  text(key: string): string | undefined;
  number<S>(key: string, rule: NumberRule, standard: S): number | S;
  choice<T extends string>(key: string, values: readonly T[], standard: T): T;
  flag(key: string, standard: boolean): boolean;
  /** The keys that were given. */
  keys(): readonly string[];
  complain(sentence: string): void;
  /** Includes unknown keys. */
  complaints(): readonly string[];
}

/** A reader of the values in a query. Every value is checked. */
export const addressReader = (query: string): AddressReader => {
  const given = new URLSearchParams(query);
  const asked = new Set<string>();
  const complaints: string[] = [];
  const text = (key: string): string | undefined => {
    asked.add(key);
    return given.get(key) ?? undefined;
  };
  const refuse = (key: string, value: string, problem: string): void => {
    complaints.push(`In the address, ${key} ${problem}; it is “${shortened(value)}”, and the default is taken.`);
  };
  return {
    text,
    number: (key, rule, standard) => {
      const value = text(key);
      if (value === undefined) return standard;
      const parsed = parseNumber(value, rule);
      if ('value' in parsed) return parsed.value;
      refuse(key, value, parsed.problem);
      return standard;
    },
    choice: (key, values, standard) => {
      const value = text(key);
      const found = values.find((known) => known === value);
      if (value !== undefined && found === undefined) refuse(key, value, `must be one of ${values.join(', ')}`);
      return found ?? standard;
    },
    flag: (key, standard) => {
      const value = text(key);
      if (value === '1' || value === '0') return value === '1';
      if (value !== undefined) refuse(key, value, 'must be 0 or 1');
      return standard;
    },
    keys: () => [...given.keys()],
    complain: (sentence) => complaints.push(sentence),
    complaints: () => [
      ...complaints,
      ...[...new Set(given.keys())]
        .filter((key) => !asked.has(key))
        .map((key) => `The address has a setting “${shortened(key)}”, which this page does not have.`),
    ],
  };
};

/** The first 40 characters of a value, for a message. */
export const shortened = (value: string): string => (value.length <= 40 ? value : `${value.slice(0, 40)}…`);
