import { examine } from '@impflow/doctor';
import { backends } from '../adapters/backends.ts';
import { answer } from './child-process.ts';

// This is the main module of a separate process; do not import it.
answer((name: string) => examine(backends.create({ name })));
