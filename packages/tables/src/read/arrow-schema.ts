/** What the Arrow schema in a Parquet file says about a column that the types of Parquet do not say. */
export interface ArrowColumn {
  /** Number of units in a second, if the cells are durations. */
  readonly perSecond?: number;
  /** Whether the cells are stored as categories: the column has a dictionary. */
  readonly isDictionary: boolean;
}

/** Number of the type Duration, and numbers of units in a second, in the schema of Arrow. */
const DURATION = 18;
const PER_SECOND = [1, 1e3, 1e6, 1e9];
/** Index of the unit of a duration that is left out: milliseconds. */
const USUAL = 1;

/**
 * Returns the columns of an Arrow schema, by name. Writers such as pyarrow and polars store the schema in the metadata of
 * a Parquet file, as the message of a flatbuffer in base64 (format/Schema.fbs of Apache Arrow). Returns no columns for a
 * text that is not such a message.
 */
export const arrowColumns = (base64: string): ReadonlyMap<string, ArrowColumn> => {
  try {
    return columnsOf(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)));
  } catch (error) {
    if (error instanceof RangeError || error instanceof DOMException) return new Map();
    throw error;
  }
};

const columnsOf = (bytes: Uint8Array): ReadonlyMap<string, ArrowColumn> => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // The message begins with 0xFFFFFFFF and its length. Old writers leave the first number out.
  const start = view.getUint32(0, true) === 0xffffffff ? 8 : 4;
  /** Returns the position of a field of a table, or 0 for a field that is left out. */
  const field = (table: number, index: number): number => {
    const layout = table - view.getInt32(table, true);
    const at = 4 + 2 * index;
    const offset = at < view.getUint16(layout, true) ? view.getUint16(layout + at, true) : 0;
    return offset === 0 ? 0 : table + offset;
  };
  const follow = (at: number): number => at + view.getUint32(at, true);
  const text = (at: number): string => {
    const length = view.getUint32(at, true);
    return new TextDecoder().decode(bytes.subarray(at + 4, at + 4 + length));
  };
  const found = new Map<string, ArrowColumn>();
  const message = start + view.getUint32(start, true);
  const header = field(message, 2);
  const list = header === 0 ? 0 : field(follow(header), 1);
  if (list === 0) return found;
  const fields = follow(list);
  const count = Math.min(view.getUint32(fields, true), bytes.length / 4);
  for (let i = 0; i < count; i++) {
    const own = follow(fields + 4 + 4 * i);
    const [name, kind, type, dictionary] = [0, 2, 3, 4].map((index) => field(own, index)) as [
      number,
      number,
      number,
      number,
    ];
    if (name === 0) continue;
    const isDuration = kind !== 0 && type !== 0 && view.getUint8(kind) === DURATION;
    const unit = isDuration ? field(follow(type), 0) : 0;
    const perSecond = isDuration ? PER_SECOND[unit === 0 ? USUAL : view.getInt16(unit, true)] : undefined;
    found.set(text(follow(name)), {
      isDictionary: dictionary !== 0,
      ...(perSecond === undefined ? {} : { perSecond }),
    });
  }
  return found;
};
