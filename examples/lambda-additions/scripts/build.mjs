// Bundles each function into dist/<function>/index.mjs, the folder that is deployed. The bundles keep their names and
// lines, so that a stack trace in the log can be read; that costs no time at the start, and few bytes once zipped.
import { readdir, readFile, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { stdout } from 'node:process';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const MAX_ZIPPED_BYTES = 1000000;

const names = (await readdir('src/functions')).map((file) => basename(file, '.ts'));

await rm('dist', { recursive: true, force: true });
for (const name of names) {
  const outfile = `dist/${name}/index.mjs`;
  await build({
    entryPoints: [`src/functions/${name}.ts`],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    legalComments: 'none',
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
  const { byteLength } = gzipSync(await readFile(outfile));
  if (byteLength > MAX_ZIPPED_BYTES) {
    throw new Error(`${name} has ${String(byteLength)} bytes zipped, and may have ${String(MAX_ZIPPED_BYTES)}`);
  }
  stdout.write(`${name.padEnd(20)} ${String(Math.ceil(byteLength / 1000)).padStart(5)} kB zipped\n`);
}
