import fc from 'fast-check';
import * as commands from './commands.ts';
import * as reviews from './review-commands.ts';
import { reviseOne } from './revise-commands.ts';
import { NEWS, type Person, type Settings, type Type } from './state.ts';
import type { Stop } from './work.ts';
import * as works from './work-commands.ts';

const CONTACTS = ['c1', 'c2'];

/** A value that is mostly the first one, so that most generated steps succeed. */
function mostly<const T>(usual: T, ...others: T[]): fc.Arbitrary<T> {
  return fc.oneof({ weight: 3 * others.length, arbitrary: fc.constant(usual) }, fc.constantFrom(usual, ...others));
}

const name = mostly('Ada', 'Bo');
const contact = fc.constantFrom(...CONTACTS, 'c3');
const place = fc.nat({ max: 1 });
const via = fc.constantFrom('human', 'human', 'client', 'elicited');
const mood = fc.constantFrom('accepts', 'accepts', 'refuses', 'breaks off');
const pick = fc.record({ among: mostly('pending', 'all'), n: fc.nat({ max: 30 }) });
const unsettled = fc.record({ among: fc.constantFrom('unsettled', 'unsettled', 'all'), n: fc.nat({ max: 30 }) });
/** An earlier page of pending actions, counted back from the newest, or none. */
const look = mostly<number | undefined>(undefined, 0, 1, 2);
/** Mostly the same person, so that pages are mostly decided on by whom they were shown to. */
const caller = mostly<reviews.Caller>(...reviews.CALLERS);

type Stops = readonly Exclude<Stop, undefined>[];

/** How a step is done. Without stops the process goes on; with one it is stopped there; with more it may be stopped. */
function manner(...stops: Stops): fc.Arbitrary<commands.Manner> {
  if (stops.length === 0) return fc.record({ place, mood });
  const [only, ...others] = stops;
  return fc.record({ place, mood, stop: others.length === 0 ? fc.constant(only) : mostly<Stop>(undefined, ...stops) });
}

export const settings: fc.Arbitrary<Settings> = fc.record({
  status: fc.constantFrom('active', 'active', 'draft', 'archived'),
  propose: fc.array(
    fc.record({
      type: mostly<Type>('webhook', 'note', 'email_message'),
      text: mostly(NEWS, 'one', 'two'),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  capabilities: mostly(['notes', 'webhook', 'email'], ['notes'], ['webhook', 'email']),
  auto_approve: mostly<readonly Type[]>([], ['webhook', 'note'], ['email_message', 'webhook']),
  min_proof: fc.constantFrom(undefined, undefined, 'elicited', 'human'),
  expires_after_hours: fc.constantFrom(undefined, 1, 0.25),
  cooldown_days: mostly<number | undefined>(undefined, 1),
  max_per_contact_per_week: mostly<number | undefined>(undefined, 1, 2),
  hook: fc.constantFrom('/one', '/two'),
});

const person: fc.Arbitrary<Partial<Person>> = fc.oneof(
  fc.constantFrom('one', 'two').map((domain) => ({ email: `somebody@${domain}.example` })),
  fc.constantFrom({}, { do_not_email: true }, { do_not_contact: true }, { do_not_email: false }),
);
const saveContact = fc.tuple(contact, person, manner()).map(([id, { email, ...flags }, how]) => {
  // The id in the address keeps addresses apart: contacts with the same address would be one contact.
  return commands.saveContact(id, email === undefined ? flags : { email: `${id}.${email}` }, how);
});
const hear = fc.tuple(contact, manner()).map((args) => commands.hear(...args));
function trigger(...stops: Stops): fc.Arbitrary<commands.Step> {
  const ids = mostly<string[] | undefined>(undefined, ['c1'], ['c2', 'c1', 'c2'], ['c3']);
  const all = fc.tuple(name, ids, fc.nat({ max: 7 }), manner(...stops));
  return all.map(([agent, named, dry, how]) => works.triggerAgent(agent, named, dry === 0, how));
}
function approve(...stops: Stops): fc.Arbitrary<commands.Step> {
  const how = fc.record({ isEdited: fc.boolean(), look, via });
  return fc.tuple(pick, how, manner(...stops)).map((args) => reviews.approveOne(...args));
}
function settle(...stops: Stops): fc.Arbitrary<commands.Step> {
  const outcome = fc.constantFrom('retry' as const, 'sent', 'not_sent', 'retry');
  return fc.tuple(unsettled, outcome, via, manner(...stops)).map((args) => reviews.settleOne(...args));
}
function review(...stops: Stops): fc.Arbitrary<commands.Step> {
  const decision = fc.record({ look: mostly(0, 1, 2, 3), caller, decision: mostly('approve', 'reject'), via });
  return fc.tuple(decision, manner(...stops)).map((args) => reviews.reviewPage(...args));
}
const reject = fc.tuple(pick, look, manner()).map((args) => reviews.rejectOne(...args));
const revise = fc.tuple(pick, manner()).map((args) => reviseOne(...args));
const lookAt = fc.tuple(place, caller).map((args) => reviews.lookAt(...args));
const CHANGED: readonly (keyof Settings)[] = [
  ...(['hook', 'hook', 'hook', 'status', 'status', 'propose', 'capabilities', 'auto_approve', 'min_proof'] as const),
  ...(['expires_after_hours', 'cooldown_days', 'max_per_contact_per_week'] as const),
];
const saveAgent = fc
  .tuple(
    name,
    settings,
    fc.constantFrom(...CHANGED).map((field) => [field] as const),
    fc.constantFrom('human' as const, 'human' as const, undefined),
    manner(),
  )
  .map(([who, wanted, changed, how, where]) => commands.saveAgent(who, { wanted, changed, via: how }, where));
const permission = fc
  .tuple(name, mostly(true, false), manner())
  .map(([who, isAllowed, where]) => commands.decidePermission(who, isAllowed, where));
const removeContact = fc.tuple(contact, manner()).map((args) => commands.removeContact(...args));
const recover = fc.tuple(mostly(true, false), manner()).map((args) => works.recoverAt(...args));
const thaw = fc.tuple(fc.nat({ max: 5 }), manner()).map((args) => works.thawOne(...args));
const pass = fc.constantFrom(10, 61, 2 * 1440, 8 * 1440, 31 * 1440).map(works.passTime);

const brake = (on: boolean) => manner().map((how) => works.switchBrake(on, how));

const stopRun = fc.tuple(fc.nat({ max: 30 }), manner()).map((args) => works.stopRun(...args));

/** Dangerous sequences: a process stops in the middle, something changes, another takes over, and the first goes on. */
const decided = fc.oneof(approve('approved'), approve('executing'), approve('sent'), settle('approved'));
const evaluated = fc.oneof(trigger('run_created'), trigger('run_started'), trigger('results_recorded'));
const change = fc.oneof(
  saveAgent,
  saveAgent,
  saveContact,
  saveContact,
  hear,
  removeContact,
  pass,
  reject,
  trigger(),
  approve(),
);
const sequences = [
  fc.tuple(trigger(), decided, change, recover, settle(), thaw),
  fc.tuple(trigger(), decided, recover, settle(), thaw, recover),
  fc.tuple(evaluated, change, recover, thaw),
  fc.tuple(evaluated, trigger(), stopRun, thaw),
  fc.tuple(trigger(), lookAt, review('approved'), change, recover),
  fc.tuple(trigger(), lookAt, change, review()),
  fc.tuple(saveContact, trigger(), approve()),
  fc.tuple(trigger(), settle(), settle()),
  fc.tuple(permission, trigger(), saveAgent, trigger(), permission),
  fc.tuple(trigger(), brake(true), decided, fc.oneof(change, reject), brake(false), recover, recover),
  fc.tuple(evaluated, brake(true), thaw, recover, brake(false), recover),
  fc.tuple(trigger(), lookAt, brake(true), review('approved'), thaw, change, brake(false), recover),
  fc.tuple(trigger(), lookAt, pass, fc.oneof(approve(), reject, review())),
].map((sequence) => sequence.map((all) => commands.sequence(...all)));

/** The steps that are generated. A step that stands here more often is generated more often. */
export const steps: fc.Arbitrary<commands.Step>[] = [
  ...[1, 2, 3].map(() => trigger('run_created', 'run_started', 'results_recorded')),
  ...[1, 2, 3].map(() => approve('approved', 'executing', 'sent')),
  ...[
    ...sequences,
    ...sequences,
    ...sequences,
    settle('approved', 'executing', 'sent'),
    reject,
    revise,
    lookAt,
    review('approved'),
  ],
  ...[saveContact, hear, saveAgent, removeContact, recover, thaw, pass, permission],
  fc.tuple(mostly('Bo', 'Ada'), via, manner()).map((args) => commands.removeAgent(...args)),
  stopRun,
  brake(true),
  ...[1, 2, 3].map(() => brake(false)),
  fc.tuple(place, fc.boolean()).map((args) => works.restartAt(...args)),
];
