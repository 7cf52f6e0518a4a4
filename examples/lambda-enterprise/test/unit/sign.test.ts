import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeEach, expect, it } from 'vitest';

/** Plays the commands of AWS that the script needs: a signed package is the package with a line behind it. */
const FAKE_AWS = `#!/bin/sh
echo "$*" >> calls
case "$1 $2" in
  "sts get-caller-identity") echo '{"Account":"111111111111"}' ;;
  "s3api put-object") echo '{"VersionId":"v1"}' ;;
  "signer start-signing-job") echo '{"jobId":"job-1"}' ;;
  "s3api get-object") echo signed > "$7"; echo '{}' ;;
esac
`;

/** Plays zip: the archive is its name. */
const FAKE_ZIP = '#!/bin/sh\necho zipped > "$4"\n';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sign-'));
  await mkdir(join(dir, 'infra', 'cdk.out', 'asset.abc'), { recursive: true });
  await mkdir(join(dir, 'bin'));
  for (const [name, script] of Object.entries({ aws: FAKE_AWS, zip: FAKE_ZIP })) {
    await writeFile(join(dir, 'bin', name), script);
    await chmod(join(dir, 'bin', name), 0o755);
  }
  const files = {
    abc: { source: { path: 'asset.abc', packaging: 'zip' }, destinations: { here: { objectKey: 'abc.zip' } } },
    template: { source: { path: 'orders-prod.template.json', packaging: 'file' } },
  };
  await writeFile(join(dir, 'infra', 'cdk.out', 'orders-prod.assets.json'), JSON.stringify({ files }));
});

function sign(...args: string[]): string {
  const env = { ...process.env, PATH: `${join(dir, 'bin')}:${process.env['PATH'] ?? ''}` };
  return execFileSync(process.execPath, [resolve('scripts/sign.mjs'), ...args], {
    cwd: dir,
    env,
    encoding: 'utf8',
    stdio: 'pipe',
  });
}

it('puts the signed package in the place of the folder', async () => {
  expect(sign('orders-prod', 'eu-west-1')).toBe('signed abc\n');
  const assembly = join(dir, 'infra', 'cdk.out');
  expect(JSON.parse(await readFile(join(assembly, 'orders-prod.assets.json'), 'utf8'))).toEqual({
    files: {
      abc: { source: { path: 'asset.abc.zip', packaging: 'file' }, destinations: { here: { objectKey: 'abc.zip' } } },
      template: { source: { path: 'orders-prod.template.json', packaging: 'file' } },
    },
  });
  expect(await readFile(join(assembly, 'asset.abc.zip'), 'utf8')).toBe('signed\n');
  const calls = await readFile(join(dir, 'calls'), 'utf8');
  expect(calls).toContain('--profile-name orders_prod');
  expect(calls).toContain(
    's3={bucketName=cdk-hnb659fds-assets-111111111111-eu-west-1,key=unsigned/abc.zip,version=v1}',
  );
});

it('says how it is used', () => {
  expect(() => sign('orders-prod')).toThrow('usage: node scripts/sign.mjs STACK REGION');
});
