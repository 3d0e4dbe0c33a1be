import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileBytes, openRegularFile } from '@impflow/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'impflow-files-'));
const at = (name: string): string => join(folder, name);
let server: Server;

beforeAll(async () => {
  writeFileSync(at('file'), 'abcdef');
  symlinkSync(at('file'), at('link'));
  symlinkSync('/dev/zero', at('zero'));
  symlinkSync(at('nothing'), at('dangling'));
  symlinkSync(at('loop-b'), at('loop-a'));
  symlinkSync(at('loop-a'), at('loop-b'));
  execFileSync('mkfifo', [at('pipe')]);
  writeFileSync(at('sparse'), '');
  truncateSync(at('sparse'), 2 ** 33);
  server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(at('socket'), resolve);
  });
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const refusal = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'read',
    (error: Error) => error.message.replaceAll(`${folder}/`, ''),
  );

describe('`openRegularFile`', () => {
  it('reads ranges of bytes of a file, also through a link', async () => {
    const file = await openRegularFile('test', at('link'));
    expect([file.size, String(await file.read(1, 3)), String(await file.read(4, 9))]).toEqual([6, 'bc', 'ef']);
    await file.close();
  });

  it.each([
    ['zero', 'a device', 'Write the data to a regular file, and give that file.'],
    ['pipe', 'a pipe (FIFO)', 'Write the data to a regular file, and give that file.'],
    ['socket', 'a socket', 'Write the data to a regular file, and give that file.'],
    ['.', 'a folder', 'Name a file in it.'],
    ['dangling', 'nothing at that path', 'Check the path.'],
    ['loop-a', 'links that lead to each other', 'Replace the link by the file.'],
    ['n'.repeat(300), 'a name that is too long for the disk', 'Check the path.'],
  ])('refuses %s, and says that it is %s', async (name, got, hint) => {
    const path = at(name);
    expect(await refusal(openRegularFile('test', path))).toBe(
      `[test] Cannot read ${path.replace(`${folder}/`, '')}: expected a file, got ${got}. ${hint}`,
    );
  });
});

describe('`fileBytes`', () => {
  it('reads a whole file, after `examine` has seen its first bytes and its size', async () => {
    const seen: unknown[] = [];
    const bytes = await fileBytes('test', at('file'), { examine: (start, size) => seen.push(String(start), size) });
    expect([String(bytes), seen]).toEqual(['abcdef', ['abcdef', 6]]);
  });

  it('refuses a file that is too large for the memory before it is read', async () => {
    expect(await refusal(fileBytes('test', at('sparse')))).toBe(
      '[test] Too large: sparse: expected at most 2147483647 bytes, got 8589934592 bytes. Divide the file.',
    );
  });

  it.each<readonly [what: string, change: (path: string) => void, got: string]>([
    ['grows', (path) => appendFileSync(path, 'gh'), 'more'],
    ['shrinks', (path) => truncateSync(path, 2), '2'],
  ])('refuses a file that %s while it is read', async (what, change, got) => {
    writeFileSync(at(what), 'abcdef');
    expect(await refusal(fileBytes('test', at(what), { examine: () => change(at(what)) }))).toBe(
      `[test] Another program writes ${what}: expected 6 bytes, the size of the file when it was opened, got ${got}. Wait until the file is complete, or copy it and give the copy.`,
    );
  });
});
