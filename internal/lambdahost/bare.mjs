// Loads a handler as Lambda does and asks for its first invocation, and does nothing else: what its start takes is the handler's.
import { existsSync } from 'node:fs';
import { get } from 'node:http';
import { pathToFileURL } from 'node:url';

const [name] = process.argv[1].split('.');
const file = `${process.env.LAMBDA_TASK_ROOT}/${name}.mjs`;
if (existsSync(file)) {
  await import(pathToFileURL(file).href);
}
get(`http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation/next`);
