import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

/**
 * Program that serves a folder like `serve.mjs`, requests some addresses and prints the responses. The program runs in
 * a separate process, because the vite configuration needs compiled packages.
 */
const ASK = `
  import { preview } from 'vite';
  const server = await preview({ root: process.argv[1], logLevel: 'silent', build: { outDir: process.argv[2] }, preview: { port: 0 } });
  const answers = [];
  for (const path of ['', 'nowhere', 'nowhere/else.html', 'a.js']) {
    const response = await fetch(server.resolvedUrls.local[0] + path);
    answers.push({ status: response.status, policy: response.headers.get('content-security-policy'), text: await response.text() });
  }
  console.log(JSON.stringify(answers));
  process.exit(0);
`;

it('the server serves the page, returns 404 at all other addresses, and forbids other sites to embed the page', () => {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const outDir = mkdtempSync(join(tmpdir(), 'impflow-serve-'));
  try {
    writeFileSync(join(outDir, 'index.html'), '<!doctype html><title>page</title>');
    const [page, ...others] = JSON.parse(
      execFileSync(process.execPath, ['--input-type=module', '--eval', ASK, root, outDir], {
        cwd: root,
        encoding: 'utf8',
      }),
    ) as { status: number; policy: string; text: string }[];
    expect(page).toEqual({
      status: 200,
      policy: expect.stringMatching(/; frame-ancestors 'self'$/),
      text: expect.stringContaining('<title>page</title>'),
    });
    expect(others.map(({ status }) => status)).toEqual([404, 404, 404]);
  } finally {
    rmSync(outDir, { recursive: true });
  }
});
