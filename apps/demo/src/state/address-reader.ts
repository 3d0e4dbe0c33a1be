import { parseNumber, type NumberRule } from '../rules.ts';

/** Reads values from the page's address by key, and collects the problems of these values. */
export interface AddressReader {
  text(key: string): string | undefined;
  number<S>(key: string, rule: NumberRule, standard: S): number | S;
  choice<T extends string>(key: string, values: readonly T[], standard: T): T;
  flag(key: string, standard: boolean): boolean;
  /** Returns the keys that the address contains. */
  keys(): readonly string[];
  complain(sentence: string): void;
  /** Returns all problems found so far. Each unknown key of the address is also a problem. */
  complaints(): readonly string[];
}

/** Returns a reader for the query string of an address. The reader checks every value. */
export const addressReader = (query: string): AddressReader => {
  const given = new URLSearchParams(query);
  const asked = new Set<string>();
  const complaints: string[] = [];
  const text = (key: string): string | undefined => {
    asked.add(key);
    return given.get(key) ?? undefined;
  };
  const refuse = (key: string, value: string, problem: string): void => {
    complaints.push(`In the address, ${key} ${problem}; it is “${shortened(value)}”, and the default value is used.`);
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

/** Returns the first 40 characters of a value, to quote it in a message. */
export const shortened = (value: string): string => (value.length <= 40 ? value : `${value.slice(0, 40)}…`);
