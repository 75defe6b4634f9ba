/**
 * Lets at most `most` tasks run at once; the others wait in order. GitHub asks clients to stay at ten
 * requests in flight or fewer.
 */
export function limiter(most: number): <T>(task: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (task) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      // The place is handed on, so that nobody can slip in between.
      if (next) next();
      else running--;
    }
  };
}
