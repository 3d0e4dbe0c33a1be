// Tasks of nx, inferred from the layout: every package compiles with `tsc -b` and is tested by its vitest project.
// Plain commands, because `pnpm` is not on the PATH of a machine that has npm only.
import { basename, dirname } from 'node:path';

export const name = 'impflow-scripts';

export const createNodesV2 = ['{packages,apps}/*/package.json', (files) => files.map((file) => {
  const root = dirname(file);
  const command = (line) => ({ executor: 'nx:run-commands', options: { command: line, cwd: '.' } });
  return [file, { projects: { [root]: {
    root,
    tags: [`layer:${basename(dirname(root))}`],
    targets: {
      build: { ...command(`node node_modules/typescript/bin/tsc -b ${root}`), outputs: ['{projectRoot}/dist'], inputs: ['{projectRoot}/src/**', '{workspaceRoot}/tsconfig.base.json'] },
      test: command(`node tools/vitest.mjs ${root}`),
    },
  } } }];
})];
