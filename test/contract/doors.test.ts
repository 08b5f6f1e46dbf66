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
    expect(outside(filesWith(/\bstore\.(commit|acceptOlder)\(/), 'store')).toEqual(['src/engine/gate/commit.ts']);
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
    // `countersign review` starts the person's own editor, at the person's own terminal, and `install --service` asks the
    // platform's service manager. What is in `http` is called, and calls nobody.
    const started = outside(filesWith(speaks), 'net', 'http').sort();
    expect(started).toEqual(['src/commands/review/editor.ts', 'src/commands/service.ts']);
    expect(filesWith(/\bhttps?\.(request|get)\(/).filter(inRoom('http'))).toEqual([]);
  });

  it('lets only actions, evaluators, voices, chats and the process that assembles them go out by the net', () => {
    const users = files.filter((file) => importsOf(file).some(inRoom('net')));
    expect(outside(users, 'net', 'actions', 'evaluators', 'voice', 'process').sort()).toEqual([
      // `countersign open` asks a served home for a ticket; the browser is started with a link.
      'src/commands/to-desk.ts',
      'src/connect.ts',
      // A test goes from the person's own address to the same, and to nobody else.
      'src/engine/agents/test-mail.ts',
      'src/engine/base/house.ts',
      'src/engine/chat/callback.ts',
      'src/engine/execution/unread-mail.ts',
      'src/engine/mail/look.ts',
      'src/engine/mail/mailboxes.ts',
      'src/engine/mail/shared-look.ts',
      'src/engine/upkeep/notice-post.ts',
      'src/http/issuer-login.ts',
      'src/opening/door.ts',
    ]);
    // Only actions and chats call the tools of other servers. Asking what the servers offer is another function.
    expect(filesWith(/toolServers\.call\(/).sort()).toEqual(['src/actions/mcp-tool.ts', 'src/engine/chat/tools.ts']);
    const fetches = filesWith(/\bdeps\.fetch\b/);
    expect(outside(fetches, 'net', 'evaluators', 'voice')).toEqual([]);
  });

  it('lets only what decides, works by itself or belongs to the home look at more than the caller sees', () => {
    const looking = filesWith(/\.whole\b|\{ whole\b|\bwholeOf\(/);
    expect(looking.filter((file) => /^(src\/(domain|engine|mcp|http|commands)|tools)\//.test(file)).sort()).toEqual([
      ...[
        'src/domain/state/view.ts',
        'src/domain/visibility/hidden-entries.ts',
        'src/domain/visibility/limited-view.ts',
      ],
      // Identities and what they are demanded for.
      ...['src/engine/agents/identities.ts', 'src/engine/agents/wants.ts'],
      // A backtest looks at the whole as it was, as a run does.
      'src/engine/backtest/past.ts',
      ...['src/engine/base/context.ts', 'src/engine/base/limited-house.ts', 'src/engine/base/scene.ts'],
      ...['src/engine/changes/decide.ts', 'src/engine/changes/live.ts', 'src/engine/changes/old-grants.ts'],
      'src/engine/chat/threads.ts',
      // Contacts belong to the home.
      ...['src/engine/contacts/delete-contact.ts', 'src/engine/contacts/import.ts'],
      ...['src/engine/execution/attempt.ts', 'src/engine/execution/recover-attempts.ts'],
      ...['freshness', 'gate', 'repeats', 'waiting'].map((name) => `src/engine/gate/${name}.ts`),
      // Whether the whole log is what the caller sees.
      'src/engine/history/decision-page.ts',
      ...[
        'src/engine/learning/earned-types.ts',
        'src/engine/mail/shared-look.ts',
        'src/engine/money/caps.ts',
        'src/engine/money/means.ts',
      ],
      // A passkey is one person's: nobody else may have the same.
      'src/engine/passkeys/enrol.ts',
      ...['src/engine/review/expiry.ts', 'src/engine/review/in-turns.ts'],
      ...['src/engine/runs/assistant.ts', 'src/engine/runs/revision-work.ts', 'src/engine/runs/run-loop.ts'],
      // One notice for the whole home.
      'src/engine/upkeep/notices.ts',
    ]);
  });

  it('lets only files, the store and the start touch the disk', () => {
    const touching = filesWith(/from 'node:fs(\/promises)?'/);
    expect(outside(touching, 'files', 'store').sort()).toEqual([
      'src/commands/review/editor.ts',
      'src/process/cached-start.ts',
    ]);
  });
});
