import { type Author, nameOf, PRODUCT } from '../../domain/base/author.ts';
import { digest } from '../../domain/base/digest.ts';
import { AppError } from '../../domain/base/errors.ts';
import type { SignedProof } from '../../domain/decisions/signed-proof.ts';
import type { Proof } from '../../domain/runs/run.ts';
import type { Event } from '../../domain/state/events.ts';
import type { View } from '../../domain/state/view.ts';
import { type FormLine, laidOut, onOneLine, shortLines } from '../../domain/text/form-lines.ts';
import { howMany } from '../../domain/text/how-many.ts';
import type { House } from '../base/house.ts';
import { type BrakeAsShown, shownBrake } from '../base/shown/brake.ts';
import { type ProofTerms, waysInWords, waysOf } from '../gate/ways.ts';
import { provenEvents } from '../passkeys/sign.ts';
import { choices, nounOf, type Question } from './questions.ts';

/** The longest reason for a switch of the brake, in characters. */
export const LONGEST_REASON = 500;

export type BrakeSwitch = { on: boolean; reason?: string | undefined; via: Proof; proof?: SignedProof | undefined };

/** Switches the brake (a signature is `resume` or `pause` over "brake"), in every process from its next look on. Where it is so already, nothing changes. */
export function setBrake(house: House, by: Author, { on, reason, via, proof }: BrakeSwitch): Promise<BrakeAsShown> {
  return house.commit(by, (view, { at }) => {
    const before = view.brake();
    if (before.on === on) return { events: [], value: shownBrake(before) };
    const after = { on, at, by: nameOf(by), via, ...(reason ? { reason } : {}) };
    const events = provenEvents(view, by, [{ type: 'brake_set', ...after }], { via, proof, at });
    return { events, value: shownBrake({ ...after, since: at }) };
  });
}

/** The brake goes on by itself because the state was restored from a backup; `id` is of this time alone. */
export function brakeAfterRestoring({ at, reason, id }: { at: string; reason: string; id: string }): Event {
  return { type: 'brake_set', on: true, at, by: PRODUCT, via: 'policy', reason, restored: id };
}

export function readBrake(house: House): Promise<BrakeAsShown> {
  return house.read((view) => shownBrake(view.brake()));
}

/** What a person has to know before the brake goes off: why it is on, and what then begins. Lines of text, no more. */
export function waitingLines(view: View): FormLine[] {
  const { since, by, reason } = view.brake();
  const kinds = new Map<string, number>();
  for (const { type } of view.open({ statuses: ['approved'] })) kinds.set(type, (kinds.get(type) ?? 0) + 1);
  const approved = [...kinds].map(([type, count]) => howMany(count, nounOf(type)));
  const runs = view.unfinished().length;
  return [
    ...(since === undefined ? [] : [['On since', since] satisfies FormLine]),
    ...(by === undefined ? [] : [['Put on by', onOneLine(by)] satisfies FormLine]),
    ...(reason === undefined ? [] : [['Because', onOneLine(reason)] satisfies FormLine]),
    [
      'Approved, and done next',
      approved.length > 0 ? `${approved.join(', ')}; each is looked at again first` : 'nothing',
    ],
    ['Goes on', runs > 0 ? howMany(runs, 'run') : 'no run'],
    ['Schedules', 'fire again; what they missed counts as missed'],
  ];
}

/** The question before the brake goes off; undefined where it is off already. */
export function brakeQuestion(house: House): Promise<Question | undefined> {
  return house.read((view) => {
    const { on, since, by } = view.brake();
    if (!on) return undefined;
    const lines = waitingLines(view);
    const next = lines.find(([label]) => label === 'Approved, and done next')?.[1] ?? '';
    return {
      message: shortLines(['Take the brake off?', `On since ${since}, by ${by}`, `Done next: ${next}`]),
      text: `${laidOut(lines)}\n\n${choices('the brake goes off, and agents act again.', 'the brake stays on.')}`,
      binding: digest([since, lines]),
      ways: waysOf(house.deps, { command: 'resume' }),
      needed: 'elicited',
    };
  });
}

/** The refusal to take the brake off by a call that no form can prove. */
export function noFormForBrake(terms: ProofTerms): AppError {
  return new AppError(
    'FORBIDDEN',
    `The brake stops everything, so you take it off yourself: ${waysInWords(terms, 'elicited', { command: 'resume' })}. The brake is still on, and nothing was changed. This is for the person to do, so tell them.`,
    { needed: 'elicited', given: 'client', ways: waysOf(terms, { command: 'resume' }) },
  );
}
