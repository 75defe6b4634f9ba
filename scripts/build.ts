import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { bundle } from './bundle.ts';
import { kilobytes, ROOT } from './tools.ts';

// Builds dist/.

const dist = join(ROOT, 'dist');
for (const { file } of await bundle(dist)) {
  console.log(`dist/${file}  ${kilobytes((await stat(join(dist, file))).size)}`);
}
