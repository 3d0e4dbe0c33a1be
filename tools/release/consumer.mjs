// Writes and checks a TypeScript project that uses every package: every export by name, and the examples of the README
// files. The project is checked with several compilers and both module resolutions.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../message-of.mjs';
import { readmePrograms } from './readmes.mjs';
import { run } from './run.mjs';

/** @import { Publishable } from './workspace.mjs' */

/** The last three versions of TypeScript, by the names under which they are installed. */
export const COMPILERS = {
  'typescript-5.9': 'npm:typescript@5.9.3',
  'typescript-6.0': 'npm:typescript@6.0.3',
  'typescript-7.0': 'npm:typescript@7.0.2',
};
export const RESOLUTIONS = {
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
};

/**
 * Writes the project; `names` is the result of importAll.
 *
 * @param {string} project
 * @param {import('./imports.mjs').Names} names
 * @param {readonly Publishable[]} packages
 */
export const writeConsumer = (project, names, packages) => {
  const folder = join(project, 'consumer');
  mkdirSync(folder, { recursive: true });
  const uses = Object.entries(names).map(
    ([specifier, exported], i) =>
      `import * as all${i} from '${specifier}';\nexport const used${i}: readonly unknown[] = [${exported.map((name) => `all${i}.${name}`).join(', ')}];\n`,
  );
  writeFileSync(join(folder, 'everything.ts'), uses.join(''));
  for (const { name, language, code } of readmePrograms(packages))
    if (language === 'ts') writeFileSync(join(folder, `${name}.ts`), `${code}\nexport {};\n`);
  for (const [name, how] of Object.entries(RESOLUTIONS)) {
    writeFileSync(
      join(folder, `tsconfig.${name}.json`),
      JSON.stringify({
        compilerOptions: {
          ...how,
          target: 'es2022',
          lib: ['es2023', 'dom'],
          types: ['node'],
          strict: true,
          noEmit: true,
          skipLibCheck: false,
        },
        include: ['*.ts'],
      }),
    );
  }
};

/**
 * Checks the types of the project, including declarations. Errors in declarations of other packages are ignored, for
 * example if @webgpu/types conflicts with types of the compiler.
 *
 * @param {string} project
 * @param {string} compiler
 * @param {string} resolution
 * @throws for errors in the project or in our packages.
 */
export const checkConsumer = async (project, compiler, resolution) => {
  const found = await run(
    'node',
    [join(project, 'node_modules', compiler, 'bin/tsc'), '-p', `tsconfig.${resolution}.json`, '--pretty', 'false'],
    { cwd: join(project, 'consumer') },
  ).then(() => '', messageOf);
  const errors = found
    .split('\n')
    .filter((line) => /error TS\d+/.test(line) && !/^[./]*node_modules\/(?!@impflow\/)/.test(line));
  // A compiler that cannot run prints no error number (TS1234).
  if (errors.length > 0 || (found !== '' && !found.includes('error TS')))
    throw new Error(errors.slice(0, 10).join('\n') || found);
};
