// Runs one module from source: `node execute.mjs FILE`. Packages resolve to their sources, as in the tests. The working
// folder is the caller's.
import { createServer } from 'vite';
import { root } from './extract.mjs';

const source = '@impflow/source';
const server = await createServer({
  root,
  configFile: false,
  logLevel: 'error',
  appType: 'custom',
  server: { middlewareMode: true, hmr: false, watch: null, ws: false },
  optimizeDeps: { noDiscovery: true },
  resolve: { conditions: [source] },
  ssr: { resolve: { conditions: [source, 'node', 'import', 'default'] } },
});
try {
  await server.ssrLoadModule(process.argv[2]);
} catch (error) {
  if (error instanceof Error) server.ssrFixStacktrace(error);
  console.error(error);
  process.exitCode = 1;
} finally {
  await server.close();
}
