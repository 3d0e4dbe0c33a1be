// Tables of Markdown pages.

/** @typedef {readonly (string | number)[]} Cells */

/** @param {Cells} cells */
const line = (cells) => `| ${cells.join(' | ')} |`;

/**
 * The text of a table.
 *
 * @param {readonly string[]} head
 * @param {readonly Cells[]} rows
 */
export const tableText = (head, rows) => [head, head.map(() => '---'), ...rows].map(line).join('\n');

/**
 * A table as a part of the lines of a page, with an empty line before and after it.
 *
 * @param {readonly string[]} head
 * @param {readonly Cells[]} rows
 */
export const table = (head, rows) => ['', tableText(head, rows), ''];

/**
 * A cell that stands out.
 *
 * @param {string} text
 * @param {boolean} best
 */
export const bold = (text, best) => (best ? `**${text}**` : text);
