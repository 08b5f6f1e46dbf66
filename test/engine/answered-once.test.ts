import { describe, expect, it } from 'vitest';
import { DAY, Desk } from '../support/desk.ts';

const ASK = { message_id: '<ask@example.com>', subject: 'Export fails', message: 'Can you help?' };

/** Ann wrote. Each answer is proposed by an agent of its own, unless one is named. */
class Answered extends Desk {
  async answer(message: string, { id = '<ask@example.com>', agent_id = '' } = {}) {
    const propose = [{ type: 'email_message', params: { message, in_reply_to: id } }];
    const by = agent_id === '' ? await this.agent({}, propose) : agent_id;
    const run_id = await this.run(by, ['ann']);
    const [result] = (await this.call('get_run', { run_id })).run.contact_results;
    const [action] = result.proposed_actions;
    const ref = { run_id, contact_id: 'ann', action_index: 0 };
    return { agent_id: by, ref, digest: action?.digest, reason: result.blocked_actions[0]?.reason };
  }
}

async function aDesk(): Promise<Answered> {
  const desk = new Answered();
  await desk.contact();
  await desk.heard('replied', 0, { properties: ASK });
  return desk;
}

describe('a message of a contact', () => {
  it('gets no second answer by another agent, whatever that says, while one waits and once it went', async () => {
    const desk = await aDesk();
    const { ref, digest, agent_id } = await desk.answer('Yes.');
    const other = /^another answer to the same message is pending_approval already \(run run_/;
    expect((await desk.answer('Certainly.')).reason).toMatch(other);
    await desk.call('approve_action', { ...ref, expected_digest: digest });
    expect((await desk.answer('Of course.', { id: 'ask@example.com' })).reason).toMatch(/message is executed already/);
    desk.clock += 29 * DAY;
    expect((await desk.answer('', { agent_id })).reason).toMatch(/was executed at/);
  });

  it('gets another one once a person said no to the first, and each message gets its own', async () => {
    const desk = await aDesk();
    const { ref } = await desk.answer('Yes.');
    await desk.call('reject_action', { ...ref, reason: 'Too short' });
    expect((await desk.answer('Yes, by Friday.')).reason).toBeUndefined();
    await desk.heard('replied', 0, { properties: { ...ASK, message_id: '<two@example.com>' } });
    expect((await desk.answer('To the second', { id: '<two@example.com>' })).reason).toBeUndefined();
  });
});
