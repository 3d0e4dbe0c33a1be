import { readPth } from '@impflow/pytorch';
import { describe, expect, it } from 'vitest';
import { checkpoint, fixture, refusedBy, text } from './fixture.ts';
import { tensor, under } from './opcodes.ts';

const pickle = under(tensor());
const numbers = Float32Array.of(1, 2, 3, 4);
const storage = { 0: new Uint8Array(numbers.buffer) };
const whole = checkpoint(pickle, storage);
const refusal = (bytes: Uint8Array): string => refusedBy(() => readPth(bytes)).message;
/** Returns a copy of `whole` with other bytes at a distance of `offset` from the last occurrence of a signature. */
const patched = (signature: number, offset: number, ...bytes: readonly number[]): Uint8Array => {
  const copy = whole.slice();
  const view = new DataView(copy.buffer);
  let at = copy.length - 4;
  while (view.getUint32(at, true) !== signature) at--;
  copy.set(bytes, at + offset);
  return copy;
};
const [END, CENTRAL] = [0x06054b50, 0x02014b50];

it('stored archives, deflated archives, and archives with a comment at the end give the same tensors', () => {
  for (const file of [
    whole,
    checkpoint(pickle, storage, {}, { deflated: true }),
    new Uint8Array([...patched(END, 20, 3, 0), ...text('hey')]),
  ])
    expect(readPth(file)['w']!.data).toEqual(numbers);
});

it('the additional files in archives of PyTorch 2 do not change the tensors', () => {
  const more = {
    'w/byteorder': text('little'),
    'w/.format_version': text('1'),
    'w/.storage_alignment': text('64'),
    'w/.data/serialization_id': text('0123456789'),
  };
  expect(readPth(checkpoint(pickle, storage, more))['w']!.data).toEqual(numbers);
});

describe('archives with wrong headers', () => {
  it.each([
    [
      'a flipped bit',
      () => {
        const copy = whole.slice();
        copy[copy.indexOf(0x3f)]! ^= 1;
        return copy;
      },
      /checksum|does not fit/,
    ],
    ['a missing last byte', () => whole.slice(0, -1), /The archive ends too early/],
    ['only a beginning', () => whole.slice(0, 40), /The archive ends too early/],
    ['nothing', () => new Uint8Array(0), /Not a file of torch\.save/],
    ['text', () => text('hello'), /Not a file of torch\.save: expected a zip archive/],
    ['a directory beyond the end', () => patched(END, 16, 0xf0, 0xff, 0, 0), /ends too early/],
    ['a number of entries that is too large', () => patched(END, 10, 9, 0), /damaged|ends too early/],
    ['a file beyond the end', () => patched(CENTRAL, 20, 0xff, 0xff, 0, 0), /ends too early/],
    ['two sizes', () => patched(CENTRAL, 24, 1, 0, 0, 0), /Two different sizes/],
    ['a file with an unknown compression', () => patched(CENTRAL, 10, 14), /Unknown compression/],
    ['an entry that points to another file', () => patched(CENTRAL, 42, 0, 0, 0, 0), /does not fit the directory/],
    ['encryption', () => patched(CENTRAL, 8, 1), /encrypted/],
    ['missing 64-bit sizes', () => patched(CENTRAL, 24, 0xff, 0xff, 0xff, 0xff), /sizes of .* are missing/],
  ] as readonly (readonly [string, () => Uint8Array, RegExp])[])('%s', (_name, bytes, message) => {
    expect(refusal(bytes())).toMatch(message);
  });

  it.each([
    [
      'a file outside its folder',
      { 'elsewhere/x': text('x') },
      /outside the folder of the archive: expected names that begin with w\/, got "elsewhere\/x"/,
    ],
    ['a path that leaves its folder', { 'w/../x': text('x') }, /outside the folder/],
    ['the code of a program', { 'w/code/__torch__.py': text('x') }, /TorchScript/],
    ['another byte order', { 'w/byteorder': text('big') }, /big-endian/],
  ])('an archive with %s', (_name, more, message) => {
    expect(refusal(checkpoint(pickle, storage, more))).toMatch(message);
  });

  it('a zip bomb is refused because of the size in its header, before it is unpacked', () => {
    const bomb = checkpoint(pickle, { 0: new Uint8Array(2 ** 26 + 1) }, {}, { deflated: true });
    expect(bomb.length).toBeLessThan(2 ** 20);
    const before = process.memoryUsage().arrayBuffers;
    expect(refusal(bomb)).toMatch(/unpacks to too much: expected at most 67108864 bytes/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 22);
  });

  it('a zip bomb with a wrong header is unpacked only up to the size in the header', () => {
    const bomb = checkpoint(pickle, { 0: new Uint8Array(2 ** 22) }, {}, { deflated: true });
    const view = new DataView(bomb.buffer);
    // Finds the directory entry of the storage by its size.
    for (let at = 0; at + 28 < bomb.length; at++)
      if (view.getUint32(at, true) === CENTRAL && view.getUint32(at + 24, true) === 2 ** 22)
        view.setUint32(at + 24, 16, true);
    expect(refusal(bomb)).toMatch(/Cannot unpack|checksum/);
  });

  it('64-bit sizes in an archive of PyTorch are read', () => {
    // Every file of torch.save ends with a 32-bit and a 64-bit end record. If all bits of the 32-bit fields are set,
    // the reader uses the 64-bit record.
    const file = Uint8Array.from(fixture('toy_sin.pth'));
    const view = new DataView(file.buffer);
    let at = file.length - 22;
    while (view.getUint32(at, true) !== END) at--;
    view.setUint16(at + 10, 0xffff, true);
    view.setUint32(at + 16, 0xffffffff, true);
    expect(Object.keys(readPth(file))).toHaveLength(91);
  });
});

describe('other files of PyTorch', () => {
  it.each([
    ['legacy.pth', /before 1\.6.*torch\.save\(torch\.load\("old\.pth"/],
    ['script.pt', /TorchScript/],
    ['quantised.pth', /a quantised tensor/],
    ['sparse.pth', /a sparse tensor/],
    ['complex.pth', /complex numbers/],
  ])('%s is refused with the reason', (file, message) => {
    expect(refusal(fixture(file))).toMatch(message);
  });
});
