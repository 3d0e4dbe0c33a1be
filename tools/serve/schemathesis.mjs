// `node tools/serve/schemathesis.mjs`: Schemathesis, a tester of HTTP interfaces, sends generated requests to `impflow
// serve`, and checks the responses against the OpenAPI description. Fails if a response has a status of 5xx, or a status,
// content type or body that the description does not have. The arguments go to Schemathesis. Needs Python 3.11 or newer
// with venv, and the registry of Python packages.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { environmentOf, makeEnvironment } from '../bench/environment.mjs';

/** @param {string} path */
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const program = here('../../apps/trainer/bin/impflow.mjs');
const CHECKS =
  'not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance';

const python = environmentOf({
  folder: here('../../node_modules/.cache/schemathesis'),
  requirements: here('requirements.txt'),
});
makeEnvironment(python, {
  name: 'schemathesis',
  minor: 11,
  installing: 'Schemathesis',
  space: '100 MB',
  check: 'import schemathesis',
});

const folder = mkdtempSync(join(tmpdir(), 'impflow-serve-'));
const run = join(folder, 'run');
const flags = ['--steps', '20', '--hidden', '8', '--blocks', '1', '--quiet'];
const trained = spawnSync(process.execPath, [program, 'train', '--data', 'penguins-full', ...flags, '--out', run]);
if (trained.status !== 0) throw new Error(String(trained.stderr));
const server = spawn(process.execPath, [program, 'serve', run, '--port', '0']);
let said = '';
/** @type {string} */
const url = await new Promise((found, failed) => {
  server.stderr.on('data', (chunk) => {
    said += chunk;
    const [, address] = /at (http:\S+),/.exec(said) ?? [];
    if (address !== undefined) found(address);
  });
  server.on('exit', () => failed(new Error(said)));
});
const { status } = spawnSync(
  join(dirname(python.command), 'schemathesis'),
  ['run', `${url}/openapi.json`, '--checks', CHECKS, '--workers', '1', ...process.argv.slice(2)],
  // Schemathesis writes the failing requests into the current folder.
  { stdio: 'inherit', cwd: folder },
);
server.kill();
rmSync(folder, { recursive: true });
process.exit(status ?? 1);
