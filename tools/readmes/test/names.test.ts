import { expect, it } from 'vitest';
import { unexported } from '../names.mjs';

const README = `
| you want | take |
| --- | --- |
| a gradient | \`pullback\`, \`vjpByTape\` |
| a backend | [\`wasm()\`](../backend-wasm) |

| function | returns |
| --- | --- |
| \`key(seed)\` | the \`seed\` as key |
| \`gone(k)\`, \`fold(k, number)\` | a key |
`;

it('`unexported` finds names in the tables of a README that the package does not export', () => {
  expect(unexported(README, new Set(['vjpByTape', 'key', 'fold']))).toEqual(['pullback', 'gone']);
});
