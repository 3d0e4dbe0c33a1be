// Counts the statements of a program. The documentation states these counts to show how short a program is.
import { parseAst } from 'rolldown/parseAst';

/**
 * Returns the number of statements of a program, including the statements in its functions and blocks. Statements are
 * counted and not lines, because the formatter chooses the lines. Blocks, and the `let` in the head of a loop, do not
 * count as statements.
 *
 * @param {string} program
 */
export const statementsOf = (program) => statementsIn(parseAst(program));

/**
 * @param {unknown} node Node of a syntax tree, or a list of nodes.
 * @param {string} [parent] Type of the parent node.
 * @returns {number}
 */
const statementsIn = (node, parent = '') => {
  if (typeof node !== 'object' || node === null) return 0;
  const type = 'type' in node ? String(node.type) : '';
  const isInLoopHead = type === 'VariableDeclaration' && parent.startsWith('For');
  const isOne = /(?:Statement|Declaration)$/.test(type) && type !== 'BlockStatement' && !isInLoopHead;
  return Object.values(node).reduce((sum, child) => sum + statementsIn(child, type), isOne ? 1 : 0);
};
