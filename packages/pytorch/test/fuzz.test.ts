import { fold, isFlowError, key, uniforms, type Key } from '@impflow/core';
import { readPth } from '@impflow/pytorch';
import { unzipSync } from 'fflate';
import { expect, it } from 'vitest';
import { checkpoint, fixture } from './fixture.ts';

const TIMES = 2000;

/**
 * Returns a copy of the bytes in which up to eight bytes are changed, the end is cut off, or a part is copied to
 * another position.
 */
const spoiled = (bytes: Uint8Array, k: Key): Uint8Array => {
  const [kind, ...draws] = uniforms(k, 20);
  const at = (u: number): number => Math.floor(u * bytes.length);
  if (kind! < 0.2) return bytes.slice(0, at(draws[0]!));
  const copy = bytes.slice();
  if (kind! < 0.3) copy.copyWithin(at(draws[0]!), at(draws[1]!), at(draws[1]!) + 1 + Math.floor(64 * draws[2]!));
  else
    for (let i = 0; i < 1 + Math.floor(8 * draws[0]!); i++)
      copy[at(draws[2 * i + 1]!)] = Math.floor(256 * draws[2 * i + 2]!);
  return copy;
};

/** Returns the tensors, or undefined if the file is refused. Rethrows exceptions that are not refusals. */
const outcome = (bytes: Uint8Array): ReturnType<typeof readPth> | undefined => {
  try {
    return readPth(bytes);
  } catch (error) {
    if (!isFlowError(error, 'checkpoint')) throw error;
    expect(error.message.length).toBeLessThan(1000);
    return undefined;
  }
};

it('a file with damaged bytes gives the right tensors or a refusal', () => {
  const whole = fixture('layouts.pth');
  const right = readPth(whole);
  const began = performance.now();
  let read = 0;
  for (let i = 0; i < TIMES; i++) {
    const tensors = outcome(spoiled(whole, fold(key(1), i)));
    if (tensors === undefined) continue;
    read++;
    expect(tensors).toEqual(right);
  }
  // Some damaged files are read, because changes of padding, dates and similar bytes do not affect the tensors.
  expect(read).toBeGreaterThan(0);
  expect(read).toBeLessThan(TIMES / 2);
  expect(performance.now() - began).toBeLessThan(30_000);
});

it.each(['protocol2.pth', 'protocol4.pth', 'residual_sin.pth'])(
  'a damaged pickle with the right checksum gives tensors of bounded size or a refusal: %s',
  (name) => {
    const files = unzipSync(fixture(name));
    const [folder] = Object.keys(files)[0]!.split('/');
    const pickle = files[`${folder}/data.pkl`]!;
    const storages = Object.fromEntries(
      Object.entries(files).flatMap(([path, bytes]) =>
        path.startsWith(`${folder}/data/`) ? [[path.slice(folder!.length + 6), bytes]] : [],
      ),
    );
    const began = performance.now();
    const before = process.memoryUsage().rss;
    let [refused, largest] = [0, 0];
    for (let i = 0; i < TIMES; i++) {
      const tensors = outcome(checkpoint(spoiled(pickle, fold(key(2), i)), storages));
      if (tensors === undefined) refused++;
      largest = Math.max(
        largest,
        Object.values(tensors ?? {}).reduce((sum, { data }) => sum + data.byteLength, 0),
      );
    }
    expect(largest).toBeLessThanOrEqual(2 ** 26);
    expect(refused).toBeGreaterThan(TIMES / 4);
    expect(performance.now() - began).toBeLessThan(60_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 30);
  },
);
