import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { assertWithin } from '../src/tasks/roots.ts';

const folder = mkdtempSync(join(tmpdir(), 'impflow-roots-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const inside = join(folder, 'data');
const outside = join(folder, 'secrets');
mkdirSync(inside);
mkdirSync(outside);
symlinkSync(outside, join(inside, 'link'));

describe('`assertWithin`', () => {
  test.each([inside, join(inside, 'a.csv'), join(inside, 'new', 'deep', 'a.csv'), join(inside, '..data.csv')])(
    'allows %s',
    async (place) => {
      await expect(assertWithin(place, [inside])).resolves.toBeUndefined();
    },
  );

  test.each([
    outside,
    folder,
    join(inside, '..', 'secrets', 'a.csv'),
    `${inside}-other/a.csv`,
    join(inside, 'link', 'a.csv'),
    join(inside, 'link', 'new', 'a.csv'),
    'data/a.csv',
    'https://example.org/data/a.csv',
    'file:///etc/passwd',
  ])('refuses %s', async (place) => {
    await expect(assertWithin(place, [inside])).rejects.toThrow('outside the roots of this worker');
  });

  test('`assertWithin` resolves `..` in an address, and refuses addresses outside the roots', async () => {
    const roots = ['https://example.org/data/'];
    await expect(assertWithin('https://example.org/data/a.csv', roots)).resolves.toBeUndefined();
    for (const place of [
      'https://example.org/database/a.csv',
      'https://example.org/data/../secrets',
      'https://example.org.evil.net/data/a.csv',
      'http://example.org/data/a.csv',
      'https://user@evil.net/https://example.org/data/',
    ])
      await expect(assertWithin(place, roots)).rejects.toThrow('outside the roots');
  });
});
