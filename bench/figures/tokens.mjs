import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import { countersign, temporaryFolder, using } from '../homes.mjs';

export async function tokens() {
  const { tools } = await using(countersign(temporaryFolder('tokens')), (server) => server.request('tools/list', {}));
  const count = encode(JSON.stringify(tools)).length;
  return [[`tools/list, ${tools.length} tools`, count, 'tokens', count, 9_000]];
}
