import { describe, expect, it } from 'vitest';
import { AppError, type ErrorDetails } from '../../src/domain/base/errors.ts';
import { decideChange } from '../../src/engine/changes/decide.ts';
import { type InProcess, inProcess } from '../support/in-process.ts';
import { TRUSTING } from '../support/trusting.ts';

const DAY = 86_400_000;
const maya = { user: 'maya' };
const mapping = { do_not_email: null };
const CSV = 'id,email,Unsubscribed,Stage\n1,a@b.example,yes,\n2,c@d.example,YES,\n3,e@f.example,,Do Not Contact\n';

async function refusal(call: Promise<unknown>): Promise<{ code: string; message: string; details: ErrorDetails }> {
  try {
    await call;
  } catch (error) {
    if (error instanceof AppError) return { code: error.code, message: error.message, details: error.details ?? {} };
    throw error;
  }
  throw new Error('the call went through');
}

/** A home, an import of this text that overlooks objections, and the person's word on the change that waits for it. */
function aHome(overrides: Parameters<typeof inProcess>[0] = {}) {
  const on: InProcess = inProcess(overrides);
  const importing = (csv = CSV, more: Record<string, unknown> = {}) =>
    on.call('import_contacts', { csv, mapping, ...more });
  const asked = async (csv?: string) => String((await refusal(importing(csv))).details.change_id);
  const decide = (change_id: string, decision: 'approve' | 'decline' = 'approve') =>
    decideChange(on.house, maya, { change_id, decision, via: 'human' });
  const flags = () => on.house.read((view) => ['1', '2', '3'].map((id) => view.contact(id)?.do_not_email));
  return { on, importing, asked, decide, flags };
}

describe('an import whose mapping overlooks objections', () => {
  it('waits for a person, with the columns and how many rows object', async () => {
    const { on, importing, flags } = aHome();
    const error = await refusal(importing());
    expect(error).toMatchObject({ code: 'FORBIDDEN', details: { needed: 'elicited', change_id: expect.any(String) } });
    expect(error.message).toContain('"Unsubscribed" (2 rows), "Stage" (1 row)');
    expect(error.message).toContain('make the same call again');
    const { changes, changes_total } = await on.call('list_pending_actions');
    expect(changes_total).toBe(1);
    expect(changes).toMatchObject([
      {
        change_id: error.details.change_id,
        what: [expect.stringContaining('"Unsubscribed" (2 rows), "Stage" (1 row)')],
        before: { 'columns.Unsubscribed': '2 of its rows object: no email to these people' },
        after: { 'columns.Unsubscribed': '2 of its rows object: emails to them all the same' },
        needs: 'elicited',
      },
    ]);
    expect(JSON.stringify(changes)).not.toContain('a@b.example');
    expect(await flags()).toEqual([undefined, undefined, undefined]);
    expect((await refusal(importing())).details.change_id).toBe(error.details.change_id);
  });

  it('is made by the same call once it was allowed, once', async () => {
    const { on, importing, asked, decide, flags } = aHome();
    const change_id = await asked();
    expect((await decide(change_id)).told).toContain('the same call of import_contacts');
    expect(await flags()).toEqual([undefined, undefined, undefined]);
    const made = await importing();
    expect(made).toMatchObject({ created: 3, warnings: [expect.stringContaining('A person allowed that')] });
    expect(await flags()).toEqual([false, false, false]);
    const again = await refusal(importing());
    expect(again.code).toBe('FORBIDDEN');
    expect(again.details.change_id).not.toBe(change_id);
    const entries = await on.house.read((view) => view.decisions('000000000001'));
    expect(entries).toMatchObject([
      {
        decision: 'loosened',
        by: 'maya',
        via: 'human',
        loosened: [expect.stringContaining('"Unsubscribed" (2 rows)')],
      },
    ]);
    expect((await on.house.store.audit()).faults).toEqual([]);
  });

  it('is allowed for exactly these rows and this mapping, and for seven days', async () => {
    let now = Date.parse('2026-03-02T09:30:00Z');
    const { importing, asked, decide, flags } = aHome({ now: () => new Date(now) });
    await decide(await asked());
    expect((await refusal(importing(`${CSV}4,g@h.example,yes,\n`))).code).toBe('FORBIDDEN');
    expect((await refusal(importing(CSV, { mapping: { ...mapping, company: 'Stage' } }))).code).toBe('FORBIDDEN');
    now += 8 * DAY;
    expect((await refusal(importing())).code).toBe('FORBIDDEN');
    expect(await flags()).toEqual([undefined, undefined, undefined]);
  });

  it('is known by the name that earlier versions gave it, so that their yes holds', async () => {
    const { on, asked, decide } = aHome();
    await decide(await asked());
    expect([...(await on.house.read((view) => view.permits().keys()))]).toEqual(['SdwviMJZi3Eqh4rotG90mF']);
  });

  it('is not made after a no, which the decision log keeps', async () => {
    const { on, importing, asked, decide } = aHome();
    await decide(await asked(), 'decline');
    expect((await refusal(importing())).code).toBe('FORBIDDEN');
    const entries = await on.house.read((view) => view.decisions('000000000001'));
    expect(entries).toMatchObject([{ decision: 'declined', by: 'maya', via: 'human' }]);
  });

  it('needs no more than the call where the person said so, and leaves its word in the decision log', async () => {
    const { on, importing } = aHome({ env: TRUSTING });
    expect(await importing()).toMatchObject({ created: 3 });
    const entries = await on.house.read((view) => view.decisions('000000000001'));
    expect(entries).toMatchObject([{ decision: 'loosened', via: 'client' }]);
  });

  it.each<[string, Record<string, unknown>]>([
    ['nested traits', { contacts: [{ id: '1', preferences: { unsubscribed: true } }] }],
    ['an event', { events: [{ contact_id: '1', type: 'track', name: 'Email Unsubscribed' }] }],
    ['a row with an error', { csv: 'id,email,Unsubscribed\n,not an address,yes\n' }],
    ['a bounce', { csv: 'id,Email Bounced\n1,true\n' }],
  ])('waits for what %s says, too', async (_, source) => {
    const { on } = aHome();
    expect(await refusal(on.call('import_contacts', { ...source, mapping }))).toMatchObject({ code: 'FORBIDDEN' });
  });

  it.each(['company', 'phone', 'linkedin_url', 'firstname', 'note id', 'id'])(
    'waits where it files their column as %s',
    async (field) => {
      const { on } = aHome();
      const csv = 'key,email,Do Not Email\n1,a@b.example,yes\n2,c@d.example,no\n';
      const files = { [field]: 'Do Not Email' };
      const made = on.call('import_contacts', { csv, mapping: files });
      if (field === 'note id') {
        await made;
        expect((await on.house.read((view) => view.contactAt('a@b.example')))?.do_not_email).toBe(true);
        return;
      }
      expect((await refusal(made)).message).toContain('"Do Not Email" (1 row)');
      const told = await on.call('import_contacts', { csv, mapping: files, dry_run: true });
      expect(told.warnings[0]).toContain('"Do Not Email" (1 row)');
    },
  );

  it('passes where it files a column that objects to nothing, or that it also reads as the objection', async () => {
    const { on } = aHome();
    const subscribers = { csv: 'Newsletter Email,Unsubscribe ID\na@b.example,77\n' };
    const mapping = { email: 'Newsletter Email', id: 'Unsubscribe ID' };
    expect(await on.call('import_contacts', { ...subscribers, mapping })).toMatchObject({ created: 1 });
    const both = { company: 'Do Not Email', do_not_email: 'Do Not Email' };
    await on.call('import_contacts', { csv: 'id,Do Not Email\n1,yes\n', mapping: both });
    expect((await on.house.read((view) => view.contact('1')))?.do_not_email).toBe(true);
  });

  it('passes where nobody objects, and a dry run says what would wait', async () => {
    const { importing } = aHome();
    expect(await importing('id,Unsubscribed\n1,no\n')).toMatchObject({ created: 1, warnings: [] });
    expect(await importing(CSV, { dry_run: true })).toMatchObject({
      dry_run: true,
      warnings: [expect.stringMatching(/"Unsubscribed" \(2 rows\).*waits for a person/)],
    });
  });
});
