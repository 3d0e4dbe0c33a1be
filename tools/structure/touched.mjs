// `npm run touched -- [--json] [--max-step 60] [--max-solve 10]`: lists the source files whose functions run during one
// training step, and during one call of `solve`. The limits apply to files outside the backends; if one is exceeded,
// the exit code is 1.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { FLAGS } from './calls.mjs';

/** @import { Called } from './calls.mjs' */

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    'max-step': { type: 'string' },
    'max-solve': { type: 'string' },
  },
});

/** @param {'max-step' | 'max-solve'} name */
const limitOf = (name) => {
  const text = values[name];
  if (text === undefined || /^\d+$/.test(text)) return text === undefined ? Infinity : Number(text);
  console.error(`[touched] Wrong --${name}: expected a whole number, got "${text}".`);
  return process.exit(2);
};
/** @type {Readonly<Record<string, number>>} */
const limits = { step: limitOf('max-step'), solve: limitOf('max-solve') };

/**
 * In a separate process, so that the measurements do not affect each other.
 *
 * @param {string} script
 */
const measured = (script) => {
  const path = fileURLToPath(new URL(script, import.meta.url));
  /** @type {readonly Called[]} */
  const files = JSON.parse(
    execFileSync(process.execPath, [...FLAGS, path], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
      maxBuffer: 1 << 26,
    }),
  );
  /** @param {Called} called */
  const isBackend = ({ file }) => file.startsWith('packages/backend-');
  return { files: files.filter((one) => !isBackend(one)), backend: files.filter(isBackend) };
};

const CASES = [
  {
    name: 'step',
    script: 'training-step.mjs',
    what: 'Step 20 of impflow train (zipcodes, preset toy, wasm, one worker), with the line of metrics; no validation, no save, no progress',
  },
  { name: 'solve', script: 'solve-call.mjs', what: 'Call 21 of solve(cos, y0, { solver }) with anderson() on wasm' },
];
const results = CASES.map((one) => ({ ...one, ...measured(one.script) }));

/** @param {readonly Called[]} files */
const lines = (files) => files.map(({ file, functions }) => `  ${file}: ${functions.join(', ')}\n`).join('');
/** @param {number} count */
const counted = (count) => `${count} ${count === 1 ? 'file' : 'files'}`;
if (values.json)
  console.log(
    JSON.stringify(
      Object.fromEntries(
        results.map(({ name, files, backend }) => [
          name,
          { count: files.length, files, backendCount: backend.length, backend },
        ]),
      ),
    ),
  );
else
  console.log(
    results
      .map(
        ({ what, files, backend }) =>
          `${what}:\n${counted(files.length)}\n${lines(files)}and of the backend ${counted(backend.length)}\n${lines(backend)}`,
      )
      .join('\n')
      .trimEnd(),
  );

for (const { name, what, files } of results) {
  if (files.length <= limits[name]) continue;
  console.error(
    `[touched] ${what} runs functions of too many files: expected at most ${limits[name]} (--max-${name}), got ${files.length}.`,
  );
  process.exitCode = 1;
}
