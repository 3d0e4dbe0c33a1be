// Runs one module from source in Chromium: `node in-page.mjs FILE`. Prints the output of the page. Fails if the page
// has an error or sends a request to another host.
import { chromium } from 'playwright';
import { createServer } from 'vite';
import { BROWSER_FLAGS, chromiumPath } from '../../../packages/testkit/private/chromium.mjs';
import { root } from './extract.mjs';

const file = process.argv[2];
const script = `import(${JSON.stringify(`/@fs${file}`)}).then(
  () => { window.ended = true; },
  (error) => { console.error(error.stack); window.ended = true; },
);`;
const html = `<!doctype html><link rel="icon" href="data:,"><script type="module">${script}</script>`;
const server = await createServer({
  root: `${root}apps/docs`,
  configFile: false,
  logLevel: 'error',
  appType: 'custom',
  server: { port: 0, host: '127.0.0.1', hmr: false, watch: null, fs: { allow: [root] } },
  resolve: { conditions: ['@impflow/source', 'browser', 'module', 'import', 'default'] },
  optimizeDeps: {
    noDiscovery: true,
    include: [
      ...['core', 'backend-cpu', 'backend-wasm', 'backend-webgl', 'backend-webgpu'].map(
        (name) => `@tensorflow/tfjs-${name}`,
      ),
      ...['dayjs', 'dayjs/plugin/customParseFormat.js', 'dayjs/plugin/utc.js'].map(
        (name) => `@impflow/tables > ${name}`,
      ),
    ],
  },
  plugins: [
    {
      name: 'page',
      configureServer: ({ middlewares }) => {
        middlewares.use((request, response, next) => {
          if (request.url === '/') response.setHeader('Content-Type', 'text/html').end(html);
          else next();
        });
      },
    },
  ],
});
await server.listen();
const browser = await chromium.launch({ executablePath: chromiumPath(), args: [...BROWSER_FLAGS] });
try {
  const page = await browser.newPage();
  const address = String(server.resolvedUrls?.local[0]);
  page.on('console', (message) => (message.type() === 'error' ? fail(message.text()) : console.log(message.text())));
  page.on('pageerror', (error) => fail(String(error.stack)));
  page.on('request', (request) => {
    if (!request.url().startsWith(address) && /^(https?|wss?):/.test(request.url()))
      fail(`a request to ${request.url()}`);
  });
  await page.goto(address);
  await page.waitForFunction(() => Reflect.get(window, 'ended') === true, undefined, { timeout: 0 });
} finally {
  await browser.close();
  await server.close();
}

/** @param {string} what */
function fail(what) {
  console.error(what);
  process.exitCode = 1;
}
