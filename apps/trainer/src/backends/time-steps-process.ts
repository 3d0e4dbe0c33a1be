import { answer } from './child-process.ts';
import { timeSteps, type StepsQuestion } from './time-steps.ts';

// This is the main module of a separate process; do not import it.
answer((question: StepsQuestion) => timeSteps(question));
