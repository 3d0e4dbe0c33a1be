/** A substring of at least this length may be a view of the longer string in V8. V8 copies shorter substrings. */
const SHORTEST_VIEW = 13;
/** Largest number of different strings in the cache of copied strings. */
const MOST = 1024;

/**
 * Returns a function that copies a substring of a longer string, so that the memory of the longer string can be freed.
 * A substring that occurs several times is copied only once.
 */
export const ownTexts = (): ((text: string) => string) => {
  const seen = new Map<string, string>();
  return (text) => {
    if (text.length < SHORTEST_VIEW) return text;
    const known = seen.get(text);
    if (known !== undefined) return known;
    // The template literal creates a new string, and `slice` returns a view of this new string.
    const own = ` ${text}`.slice(1);
    if (seen.size < MOST) seen.set(own, own);
    return own;
  };
};
