/** Parses names separated by commas. Empty names are dropped. */
export const names = (text: string): readonly string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
