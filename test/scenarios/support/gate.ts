/**
 * A gate for several requests in hand at once, for hooks of faults: each call waits until all have come.
 * @param all how many calls open it
 */
export function gate(all: number): () => Promise<void> {
  let left = all;
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return () => {
    left -= 1;
    if (left <= 0) open();
    return opened;
  };
}
