// Draws rows and scores them in parts, in two processes.
import { sampleTable, scoreTable, taskPool } from '@impflow/jobs';
import { fit } from 'impflow';

const rows = Array.from({ length: 200 }, (_, i) => ({ x: Math.sin(i * i), y: Math.cos(i) }));
await (await fit(rows, { steps: 10 })).save('run');
const runner = taskPool({ processes: 2 });
await sampleTable('run', 1000, { runner, out: 'rows.parquet', partRows: 500 });
const scored = await scoreTable('run', 'rows.parquet', { runner, out: 'scores', partRows: 500 });
await runner.close();
console.log(`${scored.rows} rows in parts, the least likely: row ${scored.lowest[0].row}`);
process.exitCode = scored.rows === 1000 ? 0 : 1;
