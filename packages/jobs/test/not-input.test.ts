import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { assertNotInput } from '../src/folder/not-input.ts';
import { temporary } from './folders.ts';

const folder = temporary();
const at = (...names: readonly string[]): string => join(folder, ...names);
mkdirSync(at('days'));
mkdirSync(at('elsewhere'));
writeFileSync(at('rows.csv'), 'x\n1\n');
writeFileSync(at('copy.csv'), 'x\n1\n');
writeFileSync(at('days', 'part-00000.csv'), 'x\n1\n');
symlinkSync(at('rows.csv'), at('symbolic.csv'));
linkSync(at('rows.csv'), at('hard.csv'));
symlinkSync(at('days'), at('linked-days'));
symlinkSync(at('days', 'part-00000.csv'), at('elsewhere', 'day.csv'));

describe('`assertNotInput`', () => {
  test.each([
    ['the input itself', at('rows.csv'), at('rows.csv')],
    ['the input under another spelling', at('days', '..', 'rows.csv'), at('rows.csv')],
    ['a symbolic link to the input', at('symbolic.csv'), at('rows.csv')],
    ['the file to which the input links', at('rows.csv'), at('symbolic.csv')],
    ['a hard link to the input', at('hard.csv'), at('rows.csv')],
  ])('`assertNotInput` refuses %s as output file', async (_, out, input) => {
    await expect(assertNotInput(out, [at('copy.csv'), input])).rejects.toThrow('is a file that this command reads');
  });

  test.each([
    ['the folder of the input', at('days'), at('days', 'part-00000.csv')],
    ['a link to the folder of the input', at('linked-days'), at('days', 'part-00000.csv')],
    ['the folder of the input, which is read through a link', at('days'), at('linked-days', 'part-00000.csv')],
    ['the folder of the file to which the input links', at('days'), at('elsewhere', 'day.csv')],
    ['the folder of an input that is a link', at('elsewhere'), at('elsewhere', 'day.csv')],
  ])('`assertNotInput` refuses %s as output folder', async (_, out, input) => {
    await expect(assertNotInput(out, [input])).rejects.toThrow('holds a file that this command reads');
  });

  test.each<readonly [what: string, out: string | undefined, input: string]>([
    ['no output', undefined, at('rows.csv')],
    ['a new file', at('new.csv'), at('rows.csv')],
    ['another file with the same bytes', at('copy.csv'), at('rows.csv')],
    ['another folder', at('elsewhere'), at('days', 'part-00000.csv')],
    ['an address as input', at('copy.csv'), 'https://example.org/copy.csv'],
    ['the name of a data set as input', at('copy.csv'), 'moons'],
  ])('`assertNotInput` accepts %s', async (_, out, input) => {
    await expect(assertNotInput(out, [input])).resolves.toBeUndefined();
  });
});
