import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, createLogger, defaultClientConditions } from 'vite';

export interface Built {
  readonly folder: string;
  /** Warnings of the bundler. */
  readonly warnings: readonly string[];
}

/** Builds the page with vite as for production: minified, with packages resolved to their source. */
export const buildPage = async (): Promise<Built> => {
  const folder = mkdtempSync(join(tmpdir(), 'impflow-page-'));
  const warnings: string[] = [];
  const warn = (message: string): void => {
    warnings.push(message);
  };
  await build({
    root: fileURLToPath(new URL('./page', import.meta.url)),
    configFile: false,
    logLevel: 'warn',
    customLogger: { ...createLogger('silent'), warn, warnOnce: warn, error: warn },
    resolve: { conditions: ['@impflow/source', ...defaultClientConditions] },
    // Leaves out the messages of the bundler about the run time of plugins.
    build: { outDir: folder, emptyOutDir: true, rolldownOptions: { checks: { pluginTimings: false } } },
    worker: { format: 'es' },
  });
  return { folder, warnings };
};
