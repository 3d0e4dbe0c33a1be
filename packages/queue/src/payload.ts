/** Data of a job: a task that is any JSON value, including `null`. */
export interface Payload<Task> {
  readonly task: Task;
}

/** Data that a worker returns: a result that is any JSON value, or no result. */
export interface Outcome<Result> {
  readonly result: Result;
}

/** Returns the result in the text of an outcome; undefined if another program wrote the text. */
export const resultIn = <Result>(text: string): Result => {
  try {
    return resultOf(JSON.parse(text));
  } catch {
    return undefined as Result;
  }
};

/** Returns the result in a parsed outcome. */
export const resultOf = <Result>(outcome: unknown): Result => (outcome as Outcome<Result> | null)?.result as Result;
