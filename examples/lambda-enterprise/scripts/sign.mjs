// Signs the functions of a stack: node scripts/sign.mjs STACK REGION. Each package in infra/cdk.out goes through AWS Signer
// and comes back as a zip file, which is then what `cdk deploy --app cdk.out` uploads in the folder's place.
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { argv, exit, stderr, stdout } from 'node:process';

const ASSEMBLY = 'infra/cdk.out';

/** @typedef {{ Account: string, VersionId: string, jobId: string }} Answer what is used of AWS's answers */
/** @typedef {{ files: Record<string, { source: { path: string, packaging: string } }> }} Assets */

/** @type {(text: string) => unknown} */
const parse = JSON.parse;

/**
 * @param {string[]} args
 * @returns {Answer}
 */
function aws(...args) {
  const output = execFileSync('aws', [...args, '--output', 'json'], { encoding: 'utf8' });
  return /** @type {Answer} */ (parse(output === '' ? '{}' : output));
}

/**
 * @param {string} id
 * @param {{ bucket: string, profile: string, region: string }} target
 */
function sign(id, { bucket, profile, region }) {
  const zip = resolve(ASSEMBLY, `asset.${id}.zip`);
  execFileSync('zip', ['-q', '-X', '-r', zip, '.'], { cwd: join(ASSEMBLY, `asset.${id}`) });
  const key = `unsigned/${id}.zip`;
  const at = ['--region', region];
  const { VersionId } = aws('s3api', 'put-object', '--bucket', bucket, '--key', key, '--body', zip, ...at);
  const { jobId } = aws(
    ...['signer', 'start-signing-job', '--profile-name', profile, ...at],
    ...['--source', `s3={bucketName=${bucket},key=${key},version=${VersionId}}`],
    ...['--destination', `s3={bucketName=${bucket},prefix=signed/}`],
  );
  aws('signer', 'wait', 'successful-signing-job', '--job-id', jobId, ...at);
  aws('s3api', 'get-object', '--bucket', bucket, '--key', `signed/${jobId}.zip`, zip, ...at);
}

const [stack, region] = argv.slice(2);
if (stack === undefined || region === undefined) {
  stderr.write('usage: node scripts/sign.mjs STACK REGION\n');
  exit(2);
}
const { Account } = aws('sts', 'get-caller-identity');
const target = { bucket: `cdk-hnb659fds-assets-${Account}-${region}`, profile: stack.replaceAll('-', '_'), region };
const manifest = join(ASSEMBLY, `${stack}.assets.json`);
const assets = /** @type {Assets} */ (parse(await readFile(manifest, 'utf8')));
for (const [id, asset] of Object.entries(assets.files)) {
  if (asset.source.packaging === 'zip') {
    sign(id, target);
    asset.source = { path: `asset.${id}.zip`, packaging: 'file' };
    stdout.write(`signed ${id}\n`);
  }
}
await writeFile(manifest, JSON.stringify(assets, null, 1));
