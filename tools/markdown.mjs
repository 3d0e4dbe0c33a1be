// Writes tables of Markdown pages.

/** @typedef {readonly (string | number)[]} Cells */

/** @param {Cells} cells */
const line = (cells) => `| ${cells.join(' | ')} |`;

/**
 * Returns a table as Markdown text.
 *
 * @param {readonly string[]} head
 * @param {readonly Cells[]} rows
 */
export const tableText = (head, rows) => [head, head.map(() => '---'), ...rows].map(line).join('\n');

/**
 * Returns a table as lines of a page, with an empty line before and after it.
 *
 * @param {readonly string[]} head
 * @param {readonly Cells[]} rows
 */
export const table = (head, rows) => ['', tableText(head, rows), ''];

/**
 * Returns the text of a cell, in bold if `best`.
 *
 * @param {string} text
 * @param {boolean} best
 */
export const bold = (text, best) => (best ? `**${text}**` : text);
