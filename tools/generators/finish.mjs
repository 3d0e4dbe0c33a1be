// Steps after a plugin package is generated: format, link, compile, and print what to do next.
import { spawnSync } from 'node:child_process';
import { PNPM } from '../pnpm.mjs';

/**
 * Formats, links and compiles the package, then prints what to do.
 *
 * @param {string} cwd
 * @param {object} made
 * @param {string} made.root The folder of the package.
 * @param {string} made.name
 * @param {string} made.camel
 * @param {string} made.fills
 * @param {string} made.trained
 * @param {string} made.packageName
 * @param {boolean} made.install
 * @throws if a step fails; the files stay, and the message describes how to continue.
 */
export const finish = (cwd, { root, name, camel, fills, trained, packageName, install }) => {
  run(cwd, process.execPath, ['node_modules/oxfmt/bin/oxfmt', root], root);
  if (install) {
    run(cwd, 'npx', ['--yes', PNPM, 'install', '--no-frozen-lockfile', '--prefer-offline'], root);
    run(cwd, process.execPath, ['node_modules/typescript/bin/tsc', '-b', root], root);
  }
  const source = `${root}/src/${name}.ts`;
  console.log(
    [
      '',
      `@impflow/${packageName} is generated. Its tests fail until you write one function. Next:`,
      '',
      `  1. Write ${fills} in ${source}; the comments above it describe its result.`,
      `  2. node tools/vitest.mjs ${root}                        the laws`,
      `     node node_modules/oxlint/bin/oxlint ${root}          lint`,
      `     node node_modules/typescript/bin/tsc -b ${root}      types; compiles to dist`,
      `  3. node ${root}/bench/bench.mjs                         against its nearest rival`,
      `  4. npm run impflow -- train --data ${trained === '--data' ? '' : `moons ${trained} `}${name} --steps 200 --plugin ./${root}`,
      `  5. Complete ${root}/README.md and .changeset/${packageName}.md. In code: import { ${camel} } from '@impflow/${packageName}'.`,
      '  6. npm run api && npm run options                       its API report, and the generated parts of its README',
      '     npm run test:all                                     everything',
      '',
    ]
      .map((line) => line.trimEnd())
      .join('\n'),
  );
};

/**
 * @param {string} cwd
 * @param {string} command
 * @param {readonly string[]} args
 * @param {string} root
 */
const run = (cwd, command, args, root) => {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    shell: process.platform === 'win32' && command === 'npx',
    maxBuffer: 1 << 26,
    env: { ...process.env, npm_config_loglevel: 'error' },
  });
  if (status === 0) return;
  throw new Error(
    `[new] ${command} ${args.join(' ')} failed: expected status 0, got ${status}. ${root} is written; run the command again.\n${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}`,
  );
};
