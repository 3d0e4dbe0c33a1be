import { answer } from './child-process.ts';
import { timeSteps, type StepsQuestion } from './time-steps.ts';

// Module of a process; do not import it.
answer((question: StepsQuestion) => timeSteps(question));
