// `npm run measure -- duckdb`: rows per second of the functions of @impflow/duckdb, which read a file of Parquet,
// beside `score` on the same rows.
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fit } from '../../packages/impflow/dist/index.js';
import { core, wasm } from '../bench/library.mjs';
import { tableText } from '../markdown.mjs';
import { measuredBy } from '../measure/page.mjs';

const plugin = new URL('../../plugins/duckdb/', import.meta.url);
/** Rows that are fitted, and rows that `score` scores in one call. */
const [FITTED, BLOCK] = [5000, 100_000];

/**
 * Returns the processor seconds of this process, which depend less on other programs than the time.
 *
 * @param {NodeJS.CpuUsage} begun
 */
const secondsSince = (begun) => {
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / 1e6;
};

/** @type {import('../measure/measure.mjs').Program} */
export const program = {
  name: 'duckdb',
  about: 'Rows per second of the functions of @impflow/duckdb beside `score`, and whether their results are equal.',
  options: { rows: { value: 1_000_000, help: 'rows of the file' } },
  jobs: () => [{ job: 'nats' }],
  run: async (_job, { values: { rows: count }, say }) => {
    await wasm().start();
    const duckdb = await import(
      pathToFileURL(createRequire(new URL('package.json', plugin)).resolve('@duckdb/node-api')).href
    );
    const { register } = await import(new URL('dist/index.js', plugin).href);
    const z = core.normals(core.key(1), 3 * FITTED);
    const rows = Array.from({ length: FITTED }, (_, i) => ({
      x: z[3 * i],
      y: z[3 * i] + Math.sin(2 * z[3 * i]) + 0.5 * z[3 * i + 1],
      z: z[3 * i + 2],
      kind: z[3 * i] > 0.5 ? 'up' : 'down',
    }));
    const model = await fit(rows, { steps: 200, workers: 1, seed: 1 });
    const folder = mkdtempSync(join(tmpdir(), 'impflow-duckdb-'));
    try {
      const connection = await (await duckdb.DuckDBInstance.create(':memory:')).connect();
      await register(connection, { model });
      const file = join(folder, 'rows.parquet');
      await connection.run(`copy (select * from model_draws(${count}, 1)) to '${file}'`);
      say(`${count} rows are drawn`);
      let begun = process.cpuUsage();
      const reader = await connection.runAndReadAll(`select model_nats(t) as nats from '${file}' as t`);
      const nats = reader.getColumnsObjectJS().nats;
      const selectSeconds = secondsSince(begun);
      say(`SELECT: ${selectSeconds.toFixed(1)} s`);
      let [scoreSeconds, equal] = [0, 0];
      for (let first = 0; first < count; first += BLOCK) {
        const part = await connection.runAndReadAll(`select * from '${file}' limit ${BLOCK} offset ${first}`);
        const objects = part.getRowObjectsJS();
        begun = process.cpuUsage();
        const scores = model.score(objects);
        scoreSeconds += secondsSince(begun);
        equal += scores.filter(({ logDensity }, i) => Object.is(logDensity, nats[first + i])).length;
      }
      return { rows: count, equal, selectSeconds, scoreSeconds, duckdb: duckdb.version() };
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  pages: (records) => ({
    'plugins/duckdb/README.md': {
      duckdb: `${tableText(
        ['rows', 'equal to `score`', 'SELECT, rows per processor second', '`score`, rows per processor second'],
        records.map(({ rows, equal, selectSeconds, scoreSeconds }) => [
          rows,
          equal,
          Math.round(rows / selectSeconds),
          Math.round(rows / scoreSeconds),
        ]),
      )}\n\nThe table has three columns of numbers and one category. The SELECT includes reading the file; \`score\` gets rows that are in memory. DuckDB ${records[0]?.duckdb}. ${measuredBy('duckdb', records)}`,
    },
  }),
};
