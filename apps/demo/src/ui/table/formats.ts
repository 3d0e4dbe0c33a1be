/** Files of tables that the file choosers offer. */
export const TABLES = '.csv,.tsv,.txt,.jsonl,.ndjson,.json,.parquet,.gz,text/csv,text/tab-separated-values';
