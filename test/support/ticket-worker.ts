import { ticketFilesOf } from '../../src/files/ticket-files.ts';

/** Waits for a line on stdin, then redeems the tickets that it is given, and prints those that it got. */
const [home = '', ...tickets] = process.argv.slice(2);
process.stdout.write('ready\n');
process.stdin.once('data', () => {
  const got = tickets.filter((ticket) => ticketFilesOf(home).redeem(ticket) !== undefined);
  process.stdout.write(`${JSON.stringify(got)}\n`);
  process.exit();
});
