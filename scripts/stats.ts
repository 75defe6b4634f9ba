import { readFile } from 'node:fs/promises';

/** The part of webpack's statistics that is read here. */
interface Stats {
  chunks: {
    id: string | number;
    files: string[];
    initial: boolean;
    origins: { moduleName?: string; request?: string }[];
  }[];
  modules: { name: string; chunks: (string | number)[]; modules?: { name: string }[] }[];
}

/** A script of the bundle and what is in it. */
export interface Chunk {
  file: string;
  /** The modules in it, as paths from the root with forward slashes, sorted. */
  modules: string[];
  /** Whether it is the script that runs first. */
  entry: boolean;
  /** The places that load it: the importing module and what it asks for. */
  importedBy: { module: string; request: string }[];
}

/** Reads which modules the bundler put where, from a file that `ncc --stats-out` wrote. */
export async function readChunks(statsFile: string): Promise<Chunk[]> {
  const stats = JSON.parse(await readFile(statsFile, 'utf8')) as Stats;
  return stats.chunks.flatMap(({ id, files, initial, origins }) => {
    const modules = stats.modules
      .filter((module) => module.chunks.includes(id))
      .flatMap((module) => module.modules ?? [module])
      .map(({ name }) => name)
      .filter((name) => name.startsWith('./'))
      .map((name) => name.slice(2).replace(/ \+ \d+ modules$/, ''));
    return files.map((file) => ({
      file,
      modules: [...new Set(modules)].sort(),
      entry: initial,
      importedBy: origins.map(({ moduleName = '', request = '' }) => ({ module: moduleName, request })),
    }));
  });
}
