// `npm run images [-- PART ...]`: measures images in these parts, one after the other: density, classify, memory,
// estimators, norms. Default: all.
//   --models NAMES  some of the density models (implicit, residual, coupling), separated by commas; the others keep
//                   their earlier results
//   --data NAME     images of density and classify: digits (the default) or fashion-mnist
//   --report        only write docs/images.md, from earlier results
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { machine, versions } from '../bench/machine.mjs';
import { DATA, DEFAULT_DATA, measured } from './measured.mjs';
import { writeReport } from './report.mjs';

/** @type {Readonly<Record<string, string>>} */
const PARTS = {
  density: './density.mjs',
  classify: './classify.mjs',
  memory: './memory.mjs',
  estimators: './estimators.mjs',
  norms: './norms.mjs',
};
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    models: { type: 'string' },
    data: { type: 'string', default: DEFAULT_DATA },
    report: { type: 'boolean', default: false },
  },
});
const unknown = positionals.find((part) => !(part in PARTS));
if (unknown !== undefined) {
  console.error(`[images] Unknown part: expected some of ${Object.keys(PARTS).join(', ')}, got ${unknown}.`);
  process.exit(2);
}
/** Parts that accept `--data`. The others measure digits only. */
const TAKE_DATA = ['density', 'classify'];
const { data } = values;
if (!(data in DATA)) {
  console.error(`[images] Unknown --data: expected one of ${Object.keys(DATA).join(', ')}, got ${data}.`);
  process.exit(2);
}
const parts = positionals.length > 0 ? positionals : data === DEFAULT_DATA ? Object.keys(PARTS) : TAKE_DATA;
const refused = parts.find((part) => data !== DEFAULT_DATA && !TAKE_DATA.includes(part));
if (refused !== undefined) {
  console.error(`[images] ${refused} takes no --data: expected some of ${TAKE_DATA.join(', ')} with --data ${data}.`);
  process.exit(2);
}
const started = performance.now();
/** @param {string} what */
const say = (what) =>
  process.stderr.write(`[images] ${((performance.now() - started) / 1000).toFixed(0).padStart(5)} s  ${what}\n`);

for (const part of values.report ? [] : parts) {
  const file = measured(part, data);
  const begin = performance.now();
  const { [part]: measure } = await import(PARTS[part]);
  const result = {
    machine: machine(),
    versions: versions(),
    date: new Date().toISOString().slice(0, 10),
    ...(await measure({
      say,
      data,
      before: existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined,
      ...(values.models === undefined ? {} : { only: values.models.split(',') }),
    })),
    minutes: (performance.now() - begin) / 60_000,
  };
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(result, null, 1)}\n`);
}
writeReport();
say('docs/images.md written');
