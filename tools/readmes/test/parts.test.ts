// Checks that the generated parts are written once, at their positions, and that the install command has all packages
// that the first program needs.
import { expect, it } from 'vitest';
import { publishable } from '../../release/workspace.mjs';
import { withDescription, withoutParts, withParts } from '../parts.mjs';

const of = (name: string) => publishable().find((one) => one.name === name)!;
const README = `# Title

Reads \`files\` of [PyTorch](https://pytorch.org),
version 1.6. Runs nothing.

\`\`\`ts
import { readFile } from 'node:fs/promises';
import { cpu } from '@impflow/backend-cpu';
import { toys } from '@impflow/tables/toys';
\`\`\`

## References
`;

it('the install command has the package, the imports of the first program and the peers, and is before the first block', () => {
  expect(withParts(of('@impflow/solvers'), README)).toContain(
    'Runs nothing.\n\n<!-- generated: install -->\n\n```sh\nnpm install @impflow/solvers @impflow/backend-cpu @impflow/tables @tensorflow/tfjs-core\n```\n\n<!-- /generated -->\n\n```ts\n',
  );
  expect(withParts(of('@impflow/testkit'), README)).toContain('npm install --save-dev @impflow/testkit');
  // An optional peer is not required.
  expect(withParts(of('@impflow/jobs'), README)).toMatch(/^npm install (?!.*queue)/m);
});

it('`withParts` lists each export once: with a sentence, or in a folded list if there are many', () => {
  const few = withParts(of('@impflow/solver-df-sane'), README);
  expect(few).toMatch(/^\| `dfSane` \| DF-SANE, .+ \|$/m);
  expect(few).toContain('Types: `DfSaneOptions`, `DfSaneState`.');
  expect(withParts(of('@impflow/core'), README)).toMatch(/<summary>\d+ functions and values, \d+ types<\/summary>/);
  expect(withParts(of('impflow'), README)).toContain('`impflow/worker` exports the same names.');
});

it('`withParts` moves generated parts back to their positions and keeps the text that was written by hand', () => {
  const one = of('@impflow/solvers');
  const text = withParts(one, README);
  expect(withParts(one, text)).toBe(text);
  expect(withoutParts(text)).toBe(README.trimEnd());
  const [install] = /<!-- generated: install -->[^]*?<!-- \/generated -->\n\n/.exec(text)!;
  expect(withParts(one, `${text.replace(install, '')}\n${install}`)).toBe(text);
});

it('`withDescription` takes the first sentence of the README, without Markdown marks', () => {
  const manifest = '{\n  "name": "try",\n  "description": "old",\n  "version": "1.0.0"\n}\n';
  expect(withDescription(manifest, README)).toContain('"description": "Reads files of PyTorch, version 1.6",');
});
