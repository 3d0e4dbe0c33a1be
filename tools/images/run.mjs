// `npm run images [-- PART ...]`: the measurements on images, one after the other: density, classify, memory, estimators, norms (all of them where none is named).
//   --models NAMES  some of the density models (implicit, residual, coupling), separated by commas; the others stay as they were measured
//   --report        only write docs/images.md anew from what was measured before
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { machine, versions } from '../bench/machine.mjs';
import { measured } from './measured.mjs';
import { writeReport } from './report.mjs';

const PARTS = { density: './density.mjs', classify: './classify.mjs', memory: './memory.mjs', estimators: './estimators.mjs', norms: './norms.mjs' };
const { values, positionals } = parseArgs({ allowPositionals: true, options: { models: { type: 'string' }, report: { type: 'boolean', default: false } } });
const unknown = positionals.find((part) => !(part in PARTS));
if (unknown !== undefined) {
  console.error(`[images] Unknown part: expected some of ${Object.keys(PARTS).join(', ')}, got ${unknown}.`);
  process.exit(2);
}
/** What a part measured before. */
const earlier = (part) => (existsSync(measured(part)) ? JSON.parse(readFileSync(measured(part), 'utf8')) : undefined);
const started = performance.now();
const say = (what) => process.stderr.write(`[images] ${((performance.now() - started) / 1000).toFixed(0).padStart(5)} s  ${what}\n`);

for (const part of values.report ? [] : positionals.length > 0 ? positionals : Object.keys(PARTS)) {
  const begin = performance.now();
  const { [part]: measure } = await import(PARTS[part]);
  const result = { machine: machine(), versions: versions(), date: new Date().toISOString().slice(0, 10), ...await measure({ say, before: earlier(part), ...(values.models === undefined ? {} : { only: values.models.split(',') }) }), minutes: (performance.now() - begin) / 60_000 };
  mkdirSync(dirname(measured(part)), { recursive: true });
  writeFileSync(measured(part), `${JSON.stringify(result, null, 1)}\n`);
}
writeReport();
say('docs/images.md written');
