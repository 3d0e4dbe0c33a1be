import { FlowError } from '@impflow/core';

/** Always throws, because a web page cannot read a path. @throws `unsupported`. */
export const readFile = async (path: string | URL): Promise<never> => Promise.reject(refused(String(path)));

/** Always throws, because a web page reads only the text of tables. @throws `unsupported`. */
export const readBytes = async (name: string): Promise<never> => Promise.reject(refused(name));

const refused = (name: string): FlowError =>
  new FlowError('unsupported', 'impflow/rows', `Cannot read ${name} in a page`, {
    expected: 'a .csv, .tsv, .jsonl or .ndjson, or one of these packed as .gz',
    got: 'another file',
    hint: 'Give a .csv, an array of objects, columns, or an Arrow table.',
  });
