// Scores a row in SQL with a model of two numbers, and compares the result with `score`.
import { DuckDBConnection } from '@duckdb/node-api';
import { register } from '@impflow/duckdb';
import { fit } from 'impflow';

const model = await fit(
  Array.from({ length: 200 }, (_, i) => ({ x: Math.sin(i), y: Math.cos(3 * i) })),
  { steps: 10, workers: 1 },
);
const connection = await DuckDBConnection.create();
await register(connection, { waves: model });
const found = await connection.runAndReadAll("select waves_nats({'x': 0.1::double, 'y': 0.2::double}) as nats");
const [{ nats }] = found.getRowObjectsJS();
console.log(`${nats.toFixed(3)} nats`);
process.exitCode = nats === model.score([{ x: 0.1, y: 0.2 }])[0].logDensity ? 0 : 1;
