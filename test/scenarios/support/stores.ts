import { REPOSITORY, SECRET, type Stage } from '../../../emulators/stage.ts';
import type { Names } from './names.ts';
import { listed } from './requests.ts';

/** What is in each store, by name. */
export type Stores = ReadonlyMap<string, ReadonlyMap<string, string>>;

export function readStores({ github, stores }: Stage): Stores {
  const content = (store: string) => {
    const all = new Map<string, string>();
    for (const name of github.secretNames(store)) all.set(name, github.secretValue(store, name) ?? '');
    for (const name of github.variableNames(store))
      all.set(`${name} (variable)`, github.variableValue(store, name) ?? '');
    return all;
  };
  return new Map(stores.map((store) => [store, content(store)]));
}

/** One line for stores that hold the same: the refresh token, its records, and what has changed. */
export function renderStores(before: Stores, stage: Stage, names: Names): string[] {
  const byContent = new Map<string, string[]>();
  for (const [store, now] of readStores(stage)) {
    const old = before.get(store);
    const all = [...new Set([...(old?.keys() ?? []), ...now.keys()])];
    const shown = all.filter((name) => name.startsWith(SECRET) || old?.get(name) !== now.get(name));
    const content = shown.map((name) => {
      const value = now.get(name);
      if (value === undefined) return `${names.text(name)} deleted`;
      // Nobody reads the value of a record; what counts is that it exists.
      if (name.includes('_IN_FLIGHT_')) return names.text(name);
      const { visibility = 'private', selectedRepositoryIds } = stage.github.secretMeta(store, name) ?? {};
      const audience = visibility === 'private' ? '' : ` (${visibility}: ${selectedRepositoryIds?.length})`;
      return `${name}=${names.value(value)}${audience}`;
    });
    const text = content.toSorted().join(', ') || '(unchanged)';
    byContent.set(text, [...(byContent.get(text) ?? []), store.replace(`@${REPOSITORY}`, '')]);
  }
  return [...byContent].map(([content, stores]) => `${listed(stores)}: ${content}`);
}
