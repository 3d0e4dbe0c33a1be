// Scores the rows of a query of DuckDB with the model that main.mjs saves.
import { DuckDBConnection } from '@duckdb/node-api';
import { load } from 'impflow';

const connection = await DuckDBConnection.create();
const result = await connection.runAndReadAll("select * from 'penguins.json' where Species = 'Gentoo' limit 5");
console.log((await load('runs/penguins')).score(result.getRowObjectsJS()));
