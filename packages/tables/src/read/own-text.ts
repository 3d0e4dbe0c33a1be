/** V8 copies shorter texts; longer texts may be views of the text that they were cut from. */
const SHORTEST_VIEW = 13;
/** Most different texts that are remembered. */
const MOST = 1024;

/**
 * Returns a function that copies a text that was cut from a longer one, so that the longer one can leave the memory.
 * Texts that repeat are copied once.
 */
export const ownTexts = (): ((text: string) => string) => {
  const seen = new Map<string, string>();
  return (text) => {
    if (text.length < SHORTEST_VIEW) return text;
    const known = seen.get(text);
    if (known !== undefined) return known;
    // The template makes a new string, and `slice` returns a view of it.
    const own = ` ${text}`.slice(1);
    if (seen.size < MOST) seen.set(own, own);
    return own;
  };
};
