/**
 * What all the tasks give, as `Promise.all`; but when one fails, `giveUp` tells the others not to wait for
 * anything any more (a rate limit may ask for an hour), and the error is thrown only when all have ended, so
 * that nothing is under way behind the caller's back.
 */
export async function together<T extends readonly unknown[]>(
  tasks: { [K in keyof T]: Promise<T[K]> },
  giveUp: AbortController,
): Promise<T> {
  try {
    return (await Promise.all(tasks)) as unknown as T;
  } catch (first) {
    giveUp.abort();
    await Promise.allSettled(tasks);
    throw first;
  }
}
