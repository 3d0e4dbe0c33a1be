// Writes the lists of file formats of tables into pages, between `<!-- formats -->` and `<!-- /formats -->`.
import { readableExtensions } from '../../packages/tables/dist/index.js';

const PACKED = '.gz';

/**
 * Returns the extensions as a list in words. The extensions of packed files are put together.
 *
 * @param {(extension: string) => string} [written]
 */
export const formatsText = (written = (extension) => extension) => {
  const plain = readableExtensions.filter((extension) => !extension.endsWith(PACKED));
  const isPackable = (/** @type {string} */ extension) => readableExtensions.includes(`${extension}${PACKED}`);
  const [packable, others] = [plain.filter(isPackable), plain.filter((extension) => !isPackable(extension))];
  return `${packable.map(written).join(', ')} (each also with ${written(PACKED)}), ${others.map(written).join(' or ')}`;
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
