/**
 * The name of the probe for a target secret: one that nobody would give to a secret of their own, for it is
 * overwritten and deleted.
 */
export function probeName(target: string): string {
  return `${target}_COBO_REFRESH_PROBE`;
}
