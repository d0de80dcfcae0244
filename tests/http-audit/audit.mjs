// Asks a running server what the specification "GraphQL over HTTP" asks of it.
//
//   node audit.mjs URL [--token TOKEN]
//
// Every audit that is not `ok` is printed; the last line counts them. Exit code: 0 when all are `ok`, 1 when one is
// not, 2 when the audits could not be run.
import { parseArgs } from 'node:util';
import { serverAudits } from 'graphql-http';

const USAGE = 'usage: node audit.mjs URL [--token TOKEN]';

/** The address to audit and a `fetch` that says who is asking. */
function settings() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { token: { type: 'string' } },
  });
  if (positionals.length !== 1) throw new Error('one URL is needed');
  const url = new URL(positionals[0]).toString();
  const fetchFn = (input, init = {}) => {
    const headers = new Headers(init.headers);
    if (values.token) headers.set('authorization', `Bearer ${values.token}`);
    return fetch(input, { ...init, headers });
  };
  return { url, fetchFn };
}

/** A refused audit on a few lines: what was asked, and what came instead. */
async function describe({ id, name, status, reason, response }) {
  const body = await response.text().catch(() => '');
  const lines = [`${status.padEnd(6)} ${id}  ${name}`, `       ${reason}`, `       answer: HTTP ${response.status}`];
  if (body) lines.push(`       ${body.slice(0, 300).replaceAll('\n', ' ')}`);
  return lines.join('\n');
}

/** Runs the audits one after the other: a busy server is not what is measured. */
async function main({ url, fetchFn }) {
  const counts = { ok: 0, notice: 0, warn: 0, error: 0 };
  const audits = serverAudits({ url, fetchFn });
  for (const { fn } of audits) {
    const result = await fn();
    counts[result.status] += 1;
    if (result.status !== 'ok') console.log(await describe(result));
  }
  const { ok, notice, warn, error } = counts;
  console.log(`audits: ${ok} ok, ${notice} notice, ${warn} warn, ${error} error of ${audits.length}`);
  return audits.length > 0 && ok === audits.length;
}

let options;
try {
  options = settings();
} catch (error) {
  console.error(`${error.message}\n${USAGE}`);
  process.exit(2);
}
try {
  process.exitCode = (await main(options)) ? 0 : 1;
} catch (error) {
  console.error(`the audits could not be run: ${error.message}${error.cause ? ` (${error.cause.message})` : ''}`);
  process.exitCode = 2;
}
