import fc from 'fast-check';
import * as commands from './commands.ts';
import * as reviews from './review-commands.ts';
import type { Person, Settings, Type } from './state.ts';
import type { Stop } from './work.ts';

const CONTACTS = ['c1', 'c2'];

/** Mostly the first, so that most of what happens goes through. */
function mostly<const T>(usual: T, ...others: T[]): fc.Arbitrary<T> {
  return fc.oneof({ weight: 3 * others.length, arbitrary: fc.constant(usual) }, fc.constantFrom(usual, ...others));
}

const name = mostly('Ada', 'Bo');
const contact = fc.constantFrom(...CONTACTS, 'c3');
const place = fc.nat({ max: 1 });
const via = mostly('human' as const, 'client', 'elicited');
const mood = mostly('accepts' as const, 'refuses', 'breaks off');
const pick = fc.record({ among: mostly('pending', 'all'), n: fc.nat({ max: 30 }) });
const unsettled = fc.record({ among: mostly('unsettled', 'all'), n: fc.nat({ max: 30 }) });
const look = fc.option(fc.nat({ max: 30 }), { nil: undefined, freq: 2 });

function manner(...stops: Exclude<Stop, undefined>[]): fc.Arbitrary<commands.Manner> {
  if (stops.length === 0) return fc.record({ place, mood });
  return fc.record({ place, mood, stop: mostly<Stop>(undefined, ...stops) });
}

export const settings: fc.Arbitrary<Settings> = fc.record({
  status: mostly('active' as const, 'draft', 'archived'),
  propose: fc.array(
    fc.record({
      type: mostly<Type>('webhook', 'note', 'email_message'),
      text: fc.constantFrom('one', 'two', 'three', 'four'),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  capabilities: mostly(['notes', 'webhook', 'email'], ['notes'], ['webhook', 'email']),
  auto_approve: mostly<readonly Type[]>([], ['note'], ['webhook'], ['note', 'email_message']),
  min_proof: mostly<Settings['min_proof']>(undefined, 'elicited', 'human'),
  expires_after_hours: mostly<number | undefined>(undefined, 1, 0.25),
  cooldown_days: mostly<number | undefined>(undefined, 1),
  max_per_contact_per_week: mostly<number | undefined>(undefined, 1, 2),
  hook: mostly('/one', '/two'),
});

const person: fc.Arbitrary<Partial<Person>> = fc.oneof(
  fc.constantFrom('one', 'two').map((domain) => ({ email: `somebody@${domain}.example` })),
  fc.constantFrom({}, { do_not_email: true }, { do_not_contact: true }, { do_not_email: false }),
);
const saveContact = fc.tuple(contact, person, manner()).map(([id, { email, ...flags }, how]) => {
  // No two contacts share an address, which would make them one.
  return commands.saveContact(id, email === undefined ? flags : { email: `${id}.${email}` }, how);
});
const trigger = fc
  .tuple(
    ...([name, mostly<string[] | undefined>(undefined, ['c1'], ['c2', 'c1', 'c2'], ['c3'])] as const),
    ...([fc.nat({ max: 7 }), manner('run_created', 'run_started', 'results_recorded')] as const),
  )
  .map(([agent, ids, dry, how]) => commands.triggerAgent(agent, ids, dry === 0, how));
const approve = fc
  .tuple(pick, fc.record({ isEdited: fc.boolean(), look, via }), manner('approved', 'executing', 'sent'))
  .map(([which, how, where]) => reviews.approveOne(which, how, where));
const reject = fc.tuple(pick, look, manner()).map((args) => reviews.rejectOne(...args));
const settle = fc
  .tuple(unsettled, fc.constantFrom('sent' as const, 'not_sent', 'retry'), via, manner('approved', 'executing', 'sent'))
  .map((args) => reviews.settleOne(...args));
const review = fc
  .tuple(fc.nat({ max: 30 }), mostly('approve' as const, 'reject'), via, manner('approved'))
  .map((args) => reviews.reviewPage(...args));
const lookAt = place.map(reviews.lookAt);
const MINUTES = [10, 61, 2 * 1440, 8 * 1440, 31 * 1440];

/** What may happen, each as often as it stands here. */
export const steps: fc.Arbitrary<commands.Step>[] = [
  ...[trigger, trigger, trigger, trigger, approve, approve, approve, approve, approve, reject, settle, settle, settle],
  ...[lookAt, lookAt, review, review, saveContact],
  fc.tuple(name, settings, manner()).map((args) => commands.saveAgent(...args)),
  fc.tuple(mostly('Bo', 'Ada'), manner()).map((args) => commands.removeAgent(...args)),
  fc.tuple(contact, manner()).map((args) => commands.removeContact(...args)),
  fc.tuple(fc.nat({ max: 30 }), manner()).map((args) => commands.stopRun(...args)),
  fc.tuple(mostly(true, false), manner()).map((args) => commands.recoverAt(...args)),
  fc.tuple(mostly(true, false), manner()).map((args) => commands.recoverAt(...args)),
  fc.tuple(fc.nat({ max: 5 }), manner()).map((args) => commands.thawOne(...args)),
  fc.constantFrom(...MINUTES).map(commands.passTime),
  fc.tuple(place, fc.boolean()).map((args) => commands.restartAt(...args)),
];
