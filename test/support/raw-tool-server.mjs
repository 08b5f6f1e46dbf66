// An MCP server over stdio, written by hand, for definitions and answers that no SDK would send. It reads RAW_FILE anew
// for each request: `pages` are the pages of its list of tools, each an array or whatever stands in its place; `cursors`
// the cursors after them; `answers` the result, or the error, of each tool; `modern` makes it speak 2026-07-28; `capabilities`
// are its own. It writes `calls` beside that file, one JSON line each.
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';

const file = process.env.RAW_FILE;
const INFO = { name: 'raw-tools', version: '1.0.0' };
const write = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);

function listed({ pages, cursors = [] }, cursor) {
  const at = cursor === undefined ? 0 : Number(cursor);
  const nextCursor = cursors[at] ?? (at + 1 < pages.length ? String(at + 1) : undefined);
  const tools = pages[at];
  return { ...(tools === undefined ? {} : { tools }), ...(nextCursor === undefined ? {} : { nextCursor }) };
}

function called({ answers = {} }, { name, arguments: args }) {
  fs.appendFileSync(path.join(path.dirname(file), 'calls'), `${JSON.stringify({ name, args })}\n`);
  const { error, size, ...result } = answers[name] ?? { content: [{ type: 'text', text: `called ${name}` }] };
  if (size !== undefined) return { result: { content: [{ type: 'text', text: 'x'.repeat(size) }] } };
  return error === undefined ? { result } : { error };
}

function answerTo({ method, params = {} }, told) {
  const capabilities = told.capabilities ?? { tools: {} };
  if (method === 'initialize') return { result: { protocolVersion: '2025-06-18', capabilities, serverInfo: INFO } };
  if (method === 'server/discover' && told.modern)
    return { result: { supportedVersions: ['2026-07-28'], capabilities, serverInfo: INFO, resultType: 'complete' } };
  if (method === 'tools/list')
    return { result: { ...listed(told, params.cursor), resultType: 'complete', ttlMs: 0, cacheScope: 'public' } };
  if (method !== 'tools/call') return { error: { code: -32601, message: 'Method not found' } };
  const answer = called(told, params);
  return answer.result ? { result: { resultType: 'complete', ...answer.result } } : answer;
}

fs.appendFileSync(path.join(path.dirname(file), 'started'), `${process.pid}\n`);
readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const message = JSON.parse(line);
  if (message.id === undefined) return;
  const told = JSON.parse(fs.readFileSync(file, 'utf8'));
  if (told.garbage) process.stdout.write(`${told.garbage}\n`);
  write({ id: message.id, ...answerTo(message, told) });
});
