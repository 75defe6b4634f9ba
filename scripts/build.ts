import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { bundle } from './bundle.ts';
import { kilobytes, ROOT } from './tools.ts';

// Builds dist/. With --minify index.js is minified.

const dist = join(ROOT, 'dist');
for (const { file } of await bundle(dist, { minify: process.argv.includes('--minify') })) {
  console.log(`dist/${file}  ${kilobytes((await stat(join(dist, file))).size)}`);
}
