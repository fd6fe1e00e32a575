/** One thing that happened while examples ran: something was printed, a program failed, or (neither) it came to its end. */
export interface ExampleEvent {
  /** Path of the program. */
  readonly file: string;
  /** Line of the program, where it is known; its lines are those of its page. */
  readonly line?: number | undefined;
  readonly printed?: string;
  readonly failed?: string;
}
