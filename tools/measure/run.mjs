// `npm run measure -- PROGRAM [options]`: runs a measurement program. `npm run measure -- PROGRAM --help` prints its
// options.
import { measure } from './measure.mjs';
import { PROGRAMS } from './programs.mjs';

const [name = '', ...args] = process.argv.slice(2);
const names = Object.keys(PROGRAMS).join(', ');
if (Object.hasOwn(PROGRAMS, name)) {
  const { program } = await import(PROGRAMS[name]);
  process.exitCode = await measure(program, args);
} else if (name === '--help') {
  console.log(
    `npm run measure -- PROGRAM [options]\nPrograms: ${names}.\nThe options of one: npm run measure -- PROGRAM --help`,
  );
} else {
  console.error(`[measure] Wrong program: expected one of ${names}, got "${name}".`);
  process.exitCode = 2;
}
