// Draws icon.png, the icon of the bundle: a tick over the line of a signature. node scripts/icon.mjs
import { writeFileSync } from 'node:fs';
import { crc32, deflateSync } from 'node:zlib';

const SIZE = 512;
const GROUND = [22, 78, 63];
const INK = [255, 255, 255];
const LINE = [134, 209, 178];

/** How far a point is from the stretch between two others. */
function distance([x, y], [ax, ay], [bx, by]) {
  const [dx, dy] = [bx - ax, by - ay];
  const along = Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)));
  return Math.hypot(x - ax - along * dx, y - ay - along * dy);
}

/** How much of a pixel lies within `reach` of a shape. */
const cover = (away, reach) => Math.max(0, Math.min(1, reach - away + 0.5));

function pixel(x, y) {
  const corner = Math.hypot(Math.max(0, Math.abs(x - 256) - 136), Math.max(0, Math.abs(y - 256) - 136));
  const ground = cover(corner, 104);
  const tick = Math.min(distance([x, y], [150, 232], [226, 306]), distance([x, y], [226, 306], [372, 140]));
  const parts = [
    [LINE, cover(distance([x, y], [138, 384], [374, 384]), 12)],
    [INK, cover(tick, 26)],
  ];
  const colour = parts.reduce((under, [over, a]) => under.map((value, at) => value + (over[at] - value) * a), GROUND);
  return [...colour.map(Math.round), Math.round(255 * ground)];
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length, 0);
  ends.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}

const rows = Array.from({ length: SIZE }, (_, y) =>
  Buffer.from([0, ...Array.from({ length: SIZE }, (_, x) => pixel(x + 0.5, y + 0.5)).flat()]),
);
const head = Buffer.alloc(13);
head.writeUInt32BE(SIZE, 0);
head.writeUInt32BE(SIZE, 4);
head.set([8, 6, 0, 0, 0], 8);
const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const data = deflateSync(Buffer.concat(rows), { level: 9 });
writeFileSync(
  'icon.png',
  Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]),
);
