import { describe, expect, it } from 'vitest';
import { allowedActions } from '../../src/actions/allowed.ts';
import { tokensOf } from '../../src/domain/text/tokens.ts';
import { briefingOf } from '../../src/evaluators/briefing.ts';
import type { EvaluationContext } from '../../src/evaluators/evaluator.ts';
import { aContact, anAgent, anIdentity, NOW } from '../support/fixtures.ts';

function contextWith(overrides: Partial<EvaluationContext> = {}): EvaluationContext {
  const contact = overrides.contact ?? aContact();
  return {
    contact,
    events: [],
    recent_actions: [],
    rejections: [],
    unified_profile: { ...contact, event_count: 0, events_7d: 0, events_30d: 0, top_pages: [] },
    agent: anAgent(),
    identity: undefined,
    now: new Date(NOW),
    ...overrides,
  };
}

describe('what an evaluator is told of a contact', () => {
  it('is all of it where it fits, and says nothing of a cut', () => {
    const events = [1, 2, 3].map((hour) => ({
      contact_id: 'ct_sanne',
      type: 'page',
      properties: { path: `/p${hour}` },
      timestamp: `2026-03-02T0${hour}:00:00.000Z`,
    }));
    const briefing = briefingOf(contextWith({ events }), allowedActions(anAgent({ capabilities: ['notes'] })));
    expect(briefing.contact).toEqual(aContact());
    expect(briefing.events.map((event) => event.properties.path)).toEqual(['/p3', '/p2', '/p1']);
    expect(briefing.allowed_actions).toEqual([
      { type: 'note', params: expect.objectContaining({ type: 'object', required: ['body'] }) },
    ]);
    expect(briefing).not.toHaveProperty('cut');
    for (const key of ['contact', 'events', 'recent_actions', 'rejections', 'unified_profile']) {
      expect(briefing.untrusted).toContain(key);
      expect(briefing.instructions).toContain(key);
    }
  });

  it('says in which language and in whose name people are written to', () => {
    const spoken = briefingOf(contextWith({ agent: anAgent({ language: 'nl' }), identity: anIdentity() }), []);
    expect(spoken.instructions).toContain('"nl"');
    expect(spoken.instructions).toContain('Maya Chen <maya@sender.example>');
    expect(briefingOf(contextWith(), []).instructions).not.toContain('Emails come from');
  });

  it('stays below what clients take, whatever a contact brings, and tells what was cut', () => {
    const huge = 'x '.repeat(20_000);
    const contact = aContact({
      bio: huge,
      ...Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`column_${i}`, `value ${i} ${'word '.repeat(10)}`])),
    });
    const events = Array.from({ length: 3_000 }, (_, i) => ({
      contact_id: contact.id,
      type: 'track',
      name: huge,
      properties: { text: huge },
      timestamp: new Date(Date.parse(NOW) - (3_000 - i) * 60_000).toISOString(),
    }));
    const at = NOW;
    const rejections = Array.from({ length: 400 }, () => ({
      type: 'note',
      params: { body: huge },
      reason: huge,
      at,
    }));
    const agent = anAgent({ playbook: { playbook_md: 'Do this. '.repeat(10_000), rules: [], config: {} } });
    const briefing = briefingOf(
      contextWith({
        agent,
        contact,
        events,
        rejections,
        unified_profile: { ...contact, event_count: 3_000, events_7d: 3_000, events_30d: 3_000, top_pages: [] },
      }),
      allowedActions(agent),
    );
    expect(tokensOf(briefing)).toBeLessThan(7_500);
    expect(Object.keys(briefing.cut ?? {}).sort()).toEqual([
      'contact',
      'events',
      'playbook_md',
      'rejections',
      'unified_profile',
    ]);
    expect(briefing.contact).toMatchObject({ id: contact.id, email: contact.email, do_not_email: false });
    expect(briefing.unified_profile.event_count).toBe(3_000);
    expect(briefing.events.length).toBeGreaterThan(2);
    expect(briefing.events[0]?.timestamp).toBe(events.at(-1)?.timestamp);
  });
});
