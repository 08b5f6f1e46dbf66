/** How many shards hold what is found by an id or an address alone. Another number needs other names. */
const SHARDS = 64;

/** The names of all shards. */
export const SHARD_NAMES: readonly string[] = Array.from({ length: SHARDS }, (_, n) => String(n).padStart(2, '0'));
const STRAY_NAMES: readonly string[] = SHARD_NAMES.map((name) => `x${name}`);

function placeIn<T>(names: readonly T[], text: string): T | undefined {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  // The last bits of a product depend on few bits of the text, the middle ones on all: so both are mixed.
  return names[((hash >>> 16) ^ hash) & (SHARDS - 1)];
}

/** The shard of an id or an address, in two digits: always the same for the same text. */
export function shardOf(text: string): string {
  return placeIn(SHARD_NAMES, text) ?? '';
}

/** The document of those who are spoken of, and never came. */
export function strayOf(contactId: string): string {
  return placeIn(STRAY_NAMES, contactId) ?? '';
}

/** A name that stands for an erased contact, made of a drawn id. It falls into the shard of that contact. */
export function standInFor(contactId: string, drawn: string): string {
  const shard = shardOf(contactId);
  let name = drawn;
  for (let i = 0; shardOf(name) !== shard; i++) name = `${drawn}${i.toString(36)}`;
  return name;
}
