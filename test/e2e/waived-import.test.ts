import { describe, expect, it, onTestFinished } from 'vitest';
import { accept, type Form, textIn } from '../support/person.ts';
import { startServer, temporaryHome } from '../support/server.ts';
import { codeOn, openReview } from '../support/terminal.ts';

const IMPORT = { csv: 'id,email,Unsubscribed\n1,a@b.example,yes\n2,c@d.example,no\n', mapping: { do_not_email: null } };

describe('an import whose mapping overlooks objections', () => {
  it('is decided in countersign review, and made by the same call', async () => {
    const home = temporaryHome();
    const server = await startServer({ home });
    onTestFinished(() => server.close());
    expect(await server.refusal('import_contacts', IMPORT)).toMatchObject({ code: 'FORBIDDEN' });
    const terminal = openReview(home);
    const [shown] = await terminal.until(/1 change waiting in[\s\S]*\[q\]uit >/);
    expect(shown.replace(/\s+│?\s*/g, ' ')).toContain('"Unsubscribed" (1 row)');
    terminal.type('a');
    terminal.type(await codeOn(terminal));
    await terminal.until('changes allowed 1');
    expect(await terminal.exit).toBe(0);
    expect(await server.call('import_contacts', IMPORT)).toMatchObject({ created: 2 });
    expect(await server.refusal('import_contacts', IMPORT)).toMatchObject({ code: 'FORBIDDEN' });
  });

  it.each([
    ['approve', 2],
    ['reject', 0],
    ['leave it waiting', 0],
  ])('is decided by a form at the call, where the client draws one: %s', async (decision, imported) => {
    const forms: Form[] = [];
    const onForm = (form: Form) => {
      forms.push(form);
      return accept({ decision });
    };
    const server = await startServer({ onForm });
    onTestFinished(() => server.close());
    const called = server.call('import_contacts', IMPORT).catch(() => undefined);
    expect((await called)?.created ?? 0).toBe(imported);
    expect(forms).toHaveLength(1);
    expect(forms[0]?.message).toContain('"Unsubscribed" (1 row)');
    expect(textIn(forms[0])).toContain('1 of its rows object: emails to them all the same');
    expect((await server.call('list_contacts')).total).toBe(imported);
    const { changes_total } = await server.call('list_pending_actions');
    expect(changes_total).toBe(decision === 'leave it waiting' ? 1 : 0);
  });
});
