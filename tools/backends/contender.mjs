// Measures one backend that runs in Node, in a separate process: `node --expose-gc contender.mjs NAME FIXTURES`.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inNode } from './adapters.mjs';
import { flowCases, measure } from './measure.mjs';

const [name, folder] = process.argv.slice(2);
const files = Object.fromEntries(
  readdirSync(folder)
    .filter((file) => file.endsWith('.safetensors'))
    .map((file) => [file, readFileSync(join(folder, file))]),
);
const result = await measure(inNode[name](), flowCases(files), (what) => process.stderr.write(`${what}\n`));
console.log(JSON.stringify(result));
