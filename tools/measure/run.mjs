// `npm run measure -- PROGRAM [options]`: the programs that measure. `npm run measure -- PROGRAM --help` has the options.
import { measure } from './measure.mjs';
import { PROGRAMS } from './programs.mjs';

const [name = '', ...args] = process.argv.slice(2);
if (Object.hasOwn(PROGRAMS, name)) {
  const { program } = await import(PROGRAMS[name]);
  process.exitCode = await measure(program, args);
} else {
  console.error(`[measure] Wrong program: expected one of ${Object.keys(PROGRAMS).join(', ')}, got "${name}".`);
  process.exitCode = 2;
}
