import { answer } from './apart.ts';
import { measureSteps, type StepsQuestion } from './measure-steps.ts';

// Module of a process; do not import it.
answer((question: StepsQuestion) => measureSteps(question));
