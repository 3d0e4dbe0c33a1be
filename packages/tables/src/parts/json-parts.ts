import { isGapAmongNumbers, readCell } from '../frame/cells.ts';
import type { Frame } from '../frame/frame.ts';
import { shortened } from '../frame/printable.ts';
import { checkedFrame, type ColumnForm } from '../read/frame-columns.ts';
import { assertKeysInCommon } from '../read/frame-of.ts';
import { eachObject, jsonColumns } from '../read/json-lines.ts';
import { assertNotEmpty } from '../read/raw.ts';
import { changed, type ByteSource } from './byte-source.ts';
import { factOf, formOfFacts } from './column-facts.ts';
import { wholeCsvLines } from './csv-cut.ts';
import { linesText } from './csv-lines.ts';
import type { FileParts } from './file-parts.ts';
import { partColumns, type WantedColumns } from './part-columns.ts';
import type { LinesReading, TablePart } from './table-part.ts';

const FORMAT = 'JSON lines';

/**
 * Divides JSON lines into parts of whole lines, of about `partBytes` bytes each, and finds the columns. A part has the
 * same cells that `readFrame` would read for its lines from the whole file.
 *
 * @remarks The whole file is read and parsed once, and only one part is in memory at a time.
 * @throws `input` for a file that is empty, or that has a line that is not a JSON object.
 */
export const jsonParts = async (source: ByteSource, partBytes: number): Promise<FileParts> => {
  const { file, size } = source;
  if (size === 0) assertNotEmpty(file, new Uint8Array());
  const facts = new Map<string, number>();
  const pieces: Pick<TablePart, 'from' | 'to' | 'rows' | 'line'>[] = [];
  let [line, all, given] = [1, 0, 0];
  for (let from = 0; from < size;) {
    const bytes = await wholeCsvLines(source, from, partBytes, false);
    let rows = 0;
    const take = (object: Readonly<Record<string, unknown>>): void => {
      rows++;
      for (const [key, value] of Object.entries(object)) {
        given++;
        const cell = readCell(value);
        facts.set(key, (facts.get(key) ?? 0) | (cell === undefined ? 0 : factOf(cell.value, cell.cell)));
      }
    };
    const breaks = eachObject(file, linesText(file, bytes, { from, line }, FORMAT), take, line);
    pieces.push({ from, to: from + bytes.length, rows, line });
    line += breaks;
    all += rows;
    from += bytes.length;
  }
  assertKeysInCommon('tables/tableParts', file, { rows: all, keys: facts.size, given });
  const names = [...facts.keys()];
  const reading: LinesReading = { names, keeps: Array.from(facts.values(), formOfFacts) };
  return { columns: names, parts: pieces.map((piece) => ({ file, kind: 'jsonl', ...piece, reading })), remarks: [] };
};

/** Reads one part of JSON lines, which consists of whole lines. */
export const readJsonPart = async (
  at: string,
  source: ByteSource,
  { from, to, rows, line = 1, reading }: TablePart,
  { columns: wanted, categories }: WantedColumns,
): Promise<Frame> => {
  const { file } = source;
  const { names, keeps } = reading!;
  const chosen = partColumns(at, file, names, wanted);
  const columns = jsonColumns(
    chosen.map((j) => names[j]!),
    rows,
  );
  const lines: number[] = [];
  const text = linesText(file, await source.read(from, to), { from, line }, FORMAT);
  eachObject(
    file,
    text,
    (object, place) => {
      columns.put(lines.length, object);
      lines.push(place);
    },
    line,
  );
  if (lines.length !== rows) throw changed(at, file, `${rows} rows from byte ${from} to ${to}`, `${lines.length}`);
  const place = (row: number): string => `line ${lines[row]!}`;
  const forms: Readonly<Record<string, ColumnForm>> = Object.fromEntries(
    chosen.map((j) => [names[j]!, categories.includes(names[j]!) ? 'texts' : keeps[j]!]),
  );
  const raw = [...columns.raw().values()];
  for (const { name, values, cells = [] } of raw) {
    if (forms[name] === 'texts') continue;
    const row = cells.findIndex(
      (cell, i) => cell !== undefined && Number.isNaN(values[i]!) && !isGapAmongNumbers(cell),
    );
    if (row >= 0)
      throw changed(at, file, `only numbers in the column ${shortened(name)}`, `another cell in ${place(row)}`);
  }
  return checkedFrame(at, { rows, columns: raw, place }, file, { forms });
};
