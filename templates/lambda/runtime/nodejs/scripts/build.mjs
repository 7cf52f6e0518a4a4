// Bundles each function into dist/<function>/index.mjs, the folder that is deployed.
import { readdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { build } from 'esbuild';

const functions = (await readdir('src/functions')).map((file) => basename(file, '.ts'));

for (const name of functions) {
  await build({
    entryPoints: [`src/functions/${name}.ts`],
    outfile: `dist/${name}/index.mjs`,
    bundle: true,
    minify: true,
    sourcemap: 'external',
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    legalComments: 'none',
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
}
