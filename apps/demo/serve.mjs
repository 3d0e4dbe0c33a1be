// `npm run demo [-- --port 4173 --host]`: builds the playground and serves it. Any static host can serve the built
// page.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build, preview } from 'vite';
import { messageOf } from '../../tools/message-of.mjs';

const options = () => {
  try {
    return parseArgs({
      options: { port: { type: 'string', default: '4173' }, host: { type: 'boolean', default: false } },
    });
  } catch (error) {
    console.error(`[demo] ${messageOf(error).split('. ')[0]}: expected --port NUMBER, --host, or nothing.`);
    return process.exit(2);
  }
};
const { values } = options();
const port = Number(values.port);
if (!Number.isInteger(port) || port < 1 || port > 65_535) {
  console.error(`[demo] Wrong --port: expected an integer from 1 to 65535, got "${values.port}".`);
  process.exit(2);
}
const root = fileURLToPath(new URL('.', import.meta.url));
await build({ root, logLevel: 'warn' });
// If this port is taken, vite uses the next free port.
const server = await preview({ root, logLevel: 'warn', preview: { port, host: values.host } });
const { local, network } = server.resolvedUrls ?? { local: [], network: [] };
console.log(`The playground is at ${[...local, ...network].join(' and ')}\nCtrl+C stops it.`);
