// Writes the lists of file formats of tables into pages, between `<!-- formats -->` and `<!-- /formats -->`.
import { readableExtensions } from '../../packages/tables/dist/index.js';

/**
 * Returns the extensions as a list in words.
 *
 * @param {(extension: string) => string} [written]
 */
export const formatsText = (written = (extension) => extension) => {
  const all = readableExtensions.map(written);
  return `${all.slice(0, -1).join(', ')} or ${all.at(-1)}`;
};

/**
 * Returns the text of a page with its lists up to date.
 *
 * @param {string} text
 */
export const withFormats = (text) =>
  text.replace(
    /(<!-- formats -->)[^]*?(<!-- \/formats -->)/g,
    (_, begin, end) => `${begin}${formatsText((extension) => `\`${extension}\``)}${end}`,
  );
