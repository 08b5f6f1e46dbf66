import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import { countersign, temporaryFolder, using } from '../homes.mjs';

export async function tokens() {
  const { tools } = await using(countersign(temporaryFolder('tokens')), (server) => server.request('tools/list', {}));
  const count = encode(JSON.stringify(tools)).length;
  return [
    {
      figure: '`tools/list`',
      means: `what a model reads of all ${tools.length} tools`,
      value: count,
      unit: 'tokens',
      atMost: 10_000,
    },
  ];
}
