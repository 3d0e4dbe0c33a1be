/** Options that the packages name in their messages. */
const NAMED = /\bthe option (columns|header|separator|decimal|leave-out|categorical|day-first|given)\b/g;

/** The text with the flag of each option that a package names: `the option decimal` is `--decimal` here. */
export const withFlags = (text: string): string => text.replace(NAMED, '--$1');
