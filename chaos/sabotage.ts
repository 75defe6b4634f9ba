export async function sabotageAll(_root: string, _seed: number): Promise<boolean> {
  return false;
}
