// Scores the rows of an Apache Arrow table with the model that main.mjs saves.
import { readFileSync } from 'node:fs';
import { tableFromJSON } from 'apache-arrow';
import { load } from 'impflow';

const table = tableFromJSON(JSON.parse(readFileSync('penguins.json', 'utf8')));
console.log((await load('runs/penguins')).score(table.slice(0, 5).toArray()));
