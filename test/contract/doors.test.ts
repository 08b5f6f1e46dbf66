import { describe, expect, it } from 'vitest';
import { importsOf, sources, textOf } from '../support/house-plan.ts';

const files = sources();

/** The files with a line of code, comments left out, that matches the pattern. */
function filesWith(pattern: RegExp): string[] {
  return files.filter((file) =>
    textOf(file)
      .split('\n')
      .some((line) => !/^\s*(\/\/|\/?\*)/.test(line) && pattern.test(line)),
  );
}

const inRoom = (room: string) => (file: string) => file.startsWith(`src/${room}/`);
const outside = (found: readonly string[], ...rooms: string[]) =>
  found.filter((file) => !rooms.some((room) => inRoom(room)(file)));

describe('the doors of the house', () => {
  it('has one place from which the engine commits to the store', () => {
    expect(outside(filesWith(/\bstore\.commit\(/), 'store')).toEqual(['src/engine/gate/commit.ts']);
  });

  it('lets only the gate and the review write that an action is approved, and what was put off keep that', () => {
    const writes = filesWith(/\b(status|to):[^,;=>]*'approved'/);
    expect(writes.sort()).toEqual([
      'src/engine/execution/later-try.ts',
      'src/engine/gate/gate.ts',
      'src/engine/review/approve.ts',
    ]);
  });

  it('lets only one place switch the brake', () => {
    expect(filesWith(/\btype: 'brake_set',/)).toEqual(['src/engine/review/set-brake.ts']);
  });

  it('lets only execution act on the world, and on our own state', () => {
    expect(filesWith(/\.perform\(/)).toEqual(['src/engine/execution/attempt.ts']);
    expect(filesWith(/\b(known|effect|type|actionType)\??\.apply\(/)).toEqual(['src/engine/execution/own-effects.ts']);
  });

  it('lets only the net speak to other machines and programs', () => {
    const speaks =
      /from '(node:(http|https|http2|tls|dns|dgram|child_process)|undici|nodemailer|imapflow|cross-spawn|@modelcontextprotocol\/client[^']*)'|import\('(undici|nodemailer'|imapflow|cross-spawn)|globalThis\.fetch\(/;
    // `countersign review` starts the person's own editor, at the person's own terminal.
    expect(outside(filesWith(speaks), 'net')).toEqual(['src/commands/review/editor.ts']);
  });

  it('lets only actions, evaluators, chats and the process that assembles them go out by the net', () => {
    const users = files.filter((file) => importsOf(file).some(inRoom('net')));
    expect(outside(users, 'net', 'actions', 'evaluators', 'process').sort()).toEqual([
      'src/engine/base/house.ts',
      'src/engine/chat/callback.ts',
      'src/engine/execution/unread-mail.ts',
      'src/engine/mail/look.ts',
      'src/engine/mail/mailboxes.ts',
      'src/engine/mail/shared-look.ts',
    ]);
    // Only actions and chats call the tools of other servers. Asking what the servers offer is another function.
    expect(filesWith(/toolServers\.call\(/).sort()).toEqual(['src/actions/mcp-tool.ts', 'src/engine/chat/tools.ts']);
    const fetches = filesWith(/\bdeps\.fetch\b/);
    expect(outside(fetches, 'net', 'evaluators')).toEqual([]);
  });

  it('lets only files, the store and the start touch the disk', () => {
    const touching = filesWith(/from 'node:fs(\/promises)?'/);
    expect(outside(touching, 'files', 'store').sort()).toEqual([
      'src/commands/review/editor.ts',
      'src/process/cached-start.ts',
    ]);
  });
});
