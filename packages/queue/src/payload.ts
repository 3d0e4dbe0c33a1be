/** Data of a job: a task of any JSON, also `null`. */
export interface Payload<Task> {
  readonly task: Task;
}

/** Data that a worker returns: a result of any JSON, also none. */
export interface Outcome<Result> {
  readonly result: Result;
}

/** The result in the text of an outcome; undefined if another program wrote the text. */
export const resultIn = <Result>(text: string): Result => {
  try {
    return resultOf(JSON.parse(text));
  } catch {
    return undefined as Result;
  }
};

/** The result in an outcome that was read. */
export const resultOf = <Result>(outcome: unknown): Result => (outcome as Outcome<Result> | null)?.result as Result;
