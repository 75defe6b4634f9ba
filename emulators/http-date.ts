let second = Number.NaN;
let text = '';

/** A moment as an HTTP header has it: whole seconds. Many answers fall into the same one. */
export function httpDate(ms: number): string {
  const now = Math.floor(ms / 1000);
  if (now !== second) {
    second = now;
    text = new Date(ms).toUTCString();
  }
  return text;
}
