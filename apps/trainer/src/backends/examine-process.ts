import { examine } from '@impflow/doctor';
import { backends } from '../adapters/backends.ts';
import { answer } from './child-process.ts';

// Module of a process; do not import it.
answer((name: string) => examine(backends.create({ name })));
