// Rows drawn and scored in parts by two processes.
import { readFileSync } from 'node:fs';
import { sampleTable, scoreTable, taskPool } from '@impflow/jobs';
import { fit } from 'impflow';

const model = await fit(
  [...Array(200).keys()].map((i) => ({ x: Math.sin(i * i), y: Math.cos(i) })),
  { steps: 10 },
);
await model.save('run');
const runner = taskPool({ processes: 2 });
await sampleTable('run', 1000, { runner, out: 'rows.parquet', partRows: 500 });
const scored = await scoreTable('run', 'rows.parquet', { runner, out: 'scores', partRows: 500 });
await runner.close();
const { parts } = JSON.parse(readFileSync('scores/manifest.json', 'utf8'));
console.log(`${scored.rows} rows in ${parts.length} parts, the least likely: row ${scored.lowest[0].row}`);
process.exitCode = parts.length === 2 ? 0 : 1;
