// `npm run docs [-- --out FOLDER]`: builds the documentation site, a static folder that opens from any path of any
// host, and from disk.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '../../tools/message-of.mjs';
import { buildSite } from './src/site.mjs';

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: new URL('dist', import.meta.url).pathname },
    quiet: { type: 'boolean', default: false },
  },
});
const out = resolve(values.out);
try {
  await buildSite(out, values);
  if (!values.quiet) console.log(`The documentation is in ${out}: open index.html.`);
} catch (error) {
  console.error(messageOf(error));
  process.exit(1);
}
