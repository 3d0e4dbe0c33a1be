// Lists of the file formats of tables: what stands between `<!-- formats -->` and `<!-- /formats -->`.
import { readableExtensions } from '../../packages/tables/dist/index.js';

/**
 * The extensions in words.
 *
 * @param {(extension: string) => string} [written]
 */
export const formatsText = (written = (extension) => extension) => {
  const all = readableExtensions.map(written);
  return `${all.slice(0, -1).join(', ')} or ${all.at(-1)}`;
};

/**
 * The text of a page with its lists up to date.
 *
 * @param {string} text
 */
export const withFormats = (text) =>
  text.replace(
    /(<!-- formats -->)[^]*?(<!-- \/formats -->)/g,
    (_, begin, end) => `${begin}${formatsText((extension) => `\`${extension}\``)}${end}`,
  );
