import { parseFrame, pickFrameRows, selectFrame } from '@impflow/tables';
import { expect, it } from 'vitest';

const frame = parseFrame('a.csv', new TextEncoder().encode('a,kind,zip\n1,x,01\n\n2,,02\n3,7,03\n'));

it('selectFrame returns the chosen columns in the given order', () => {
  const chosen = selectFrame(frame, ['zip', 'a']);
  expect(chosen.columns).toEqual([frame.columns[2], frame.columns[0]]);
  expect([chosen.rows, chosen.source, chosen.place(1), chosen.remarks]).toEqual([3, 'a.csv', 'line 4', frame.remarks]);
  expect(() => selectFrame(frame, ['knid'])).toThrow(
    '[tables/selectFrame] Unknown column of a.csv: expected one of a, kind, zip, got "knid". Did you mean "kind"?',
  );
  expect(() => selectFrame(frame, ['a', 'a'])).toThrow('[tables/selectFrame] A column of a.csv is chosen twice');
  expect(() => selectFrame(frame, [])).toThrow('[tables/selectFrame] No column chosen of a.csv');
});

it('pickFrameRows returns the chosen rows in the given order, each with its place in the source', () => {
  const picked = pickFrameRows(frame, Uint32Array.of(2, 0, 0));
  expect(picked.rows).toBe(3);
  expect(picked.columns).toEqual([
    { name: 'a', numbers: Float64Array.of(3, 1, 1) },
    { name: 'kind', numbers: Float64Array.of(7, NaN, NaN), texts: [undefined, 'x', 'x'], written: ['7', 'x', 'x'] },
    { name: 'zip', numbers: Float64Array.of(3, 1, 1), written: ['03', '01', '01'] },
  ]);
  expect([0, 1].map((row) => picked.place(row))).toEqual(['line 5', 'line 2']);
  expect(pickFrameRows(picked, Uint32Array.of(1)).place(0)).toBe('line 2');
  expect(() => pickFrameRows(frame, Uint32Array.of(0, 3))).toThrow(
    '[tables/pickFrameRows] No such row in a.csv: expected indices below 3, got 3.',
  );
});

it('pickFrameRows drops the field `texts` if no chosen row has text, but keeps the field `written`', () => {
  expect(pickFrameRows(frame, Uint32Array.of(1, 2)).columns[1]).toEqual({
    name: 'kind',
    numbers: Float64Array.of(NaN, 7),
    written: [undefined, '7'],
  });
});
