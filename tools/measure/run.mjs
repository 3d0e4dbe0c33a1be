// `npm run measure -- PROGRAM [options]`: the programs that measure. `npm run measure -- PROGRAM --help` has the options.
import { measure } from './measure.mjs';

/** The programs, and the folders of their code. @type {Readonly<Record<string, string>>} */
const PROGRAMS = {
  against: '../study/against.mjs',
  backends: '../backends/program.mjs',
  bench: '../bench/program.mjs',
  estimators: '../estimators/program.mjs',
  guide: '../docs/measure/program.mjs',
  images: '../images/program.mjs',
  playground: '../demo/program.mjs',
  scale: '../scale/program.mjs',
  serve: '../serve/program.mjs',
  solvers: '../solvers/program.mjs',
  study: '../study/program.mjs',
  tables: '../tables/program.mjs',
};

const [name = '', ...args] = process.argv.slice(2);
if (Object.hasOwn(PROGRAMS, name)) {
  const { program } = await import(PROGRAMS[name]);
  process.exitCode = await measure(program, args);
} else {
  console.error(`[measure] Wrong program: expected one of ${Object.keys(PROGRAMS).join(', ')}, got "${name}".`);
  process.exitCode = 2;
}
