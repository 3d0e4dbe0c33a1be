/** V8 copies shorter texts. A text of at least this length may be a view of the text that it was cut from. */
const SHORTEST_VIEW = 13;
/** Largest number of different texts that are remembered. */
const MOST = 1024;

/**
 * Returns a function that copies a text that was cut from a longer text, so that the memory of the longer text can be
 * freed. Texts that repeat are copied only once.
 */
export const ownTexts = (): ((text: string) => string) => {
  const seen = new Map<string, string>();
  return (text) => {
    if (text.length < SHORTEST_VIEW) return text;
    const known = seen.get(text);
    if (known !== undefined) return known;
    // The template makes a new string, and `slice` returns a view of this new string.
    const own = ` ${text}`.slice(1);
    if (seen.size < MOST) seen.set(own, own);
    return own;
  };
};
