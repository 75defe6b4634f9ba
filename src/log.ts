/** Where the run tells what it does. Text from outside must have passed `remoteText` before. */
export interface Log {
  /** One line for everybody. */
  info(line: string): void;
  /** A line for those who have switched debug logging on. */
  debug(line: string): void;
  /** Something to look at that does not end the run. */
  warning(line: string): void;
}
