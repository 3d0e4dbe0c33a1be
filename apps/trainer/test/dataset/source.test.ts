import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { placesOf } from '../../src/dataset/places.ts';
import { sourceKind } from '../../src/dataset/source.ts';

describe('`sourceKind`', () => {
  it('`sourceKind` distinguishes images from tables by name, extension or content', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'impflow-kinds-'));
    try {
      const at = (name: string): string => join(folder, name);
      writeFileSync(at('array'), Buffer.of(0, 0, 8, 3, 0));
      writeFileSync(at('text'), 'a,b\n1,2\n');
      const kinds = await Promise.all(
        [
          'digits',
          'moons',
          'penguins',
          folder,
          at('array'),
          at('text'),
          at('rows.csv'),
          at('rows.npy'),
          at('train-images-idx3-ubyte'),
          at('t10k-images.idx3-ubyte.gz'),
          at('data_batch_1.bin'),
          at('a.png'),
          at('nothing'),
          at('nothing.xyz'),
          'https://example.org/table',
        ].map(sourceKind),
      );
      expect(kinds).toEqual([
        'images',
        'table',
        'table',
        'images',
        'images',
        'table',
        'table',
        'table',
        'images',
        'images',
        'images',
        'images',
        'images',
        'table',
        'table',
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

it('`placesOf` keeps addresses and names of bundled data, and makes paths absolute', () => {
  const places = placesOf({ data: 'https://example.org/t.csv', validation: 'rows.csv', test: 'moons' });
  expect(places).toEqual({ data: 'https://example.org/t.csv', validation: resolve('rows.csv'), test: 'moons' });
});

it('`placesOf` refuses an address with a password or a query, without printing them', () => {
  for (const data of ['https://me:secret@example.org/t.csv', 'https://example.org/t.csv?token=secret'])
    expect(() => placesOf({ data })).toThrow(
      /^\[cli\] The address of --data has a password or a query, and a run stores it: expected an address without both, got https:\/\/example\.org\/t\.csv with more parts\./,
    );
});
