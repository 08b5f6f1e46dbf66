import { z } from 'zod';
import { conflict } from '../../domain/base/errors.ts';
import type { ActionRef } from '../../domain/runs/run.ts';
import type { House } from '../../engine/base/house.ts';
import { dossierOf } from '../../engine/review/dossier.ts';
import { locate } from '../../engine/review/locate.ts';
import { whyNotSentBack } from '../../engine/runs/send-back-words.ts';
import type { DeskParts } from '../entry/desk-parts.ts';
import { acting, type DeskRoute, looking } from '../entry/desk-route.ts';
import { type RowToDecide, rowToDecide, shownAs } from '../queue/row-to-decide.ts';
import { editedParams, refBody, refFields } from './refs.ts';

type ToldAction = { row: RowToDecide } & Record<string, unknown>;

/** So many events and actions of a contact are shown beside one action, the newest. Its whole story has a route of its own. */
const MOST_EVENTS = 100;
const MOST_ACTIONS = 50;

/** One action with all that a person looks at before deciding, all of it of the same moment. */
async function story(house: House, wanted: ActionRef, triesLeft = 3): Promise<ToldAction> {
  const dossier = await dossierOf(house, wanted);
  const { ref, action, agent, events, recent, rejections, lines, moved, against, lacks } = dossier;
  const { row, why } = await house.read((view, moment) => {
    const found = locate(view, ref);
    return { row: rowToDecide(view, found, moment), why: whyNotSentBack(view, found) };
  });
  // Something moved between the two looks.
  if (row.digest !== dossier.digest && triesLeft > 0) return story(house, wanted, triesLeft - 1);
  const mayRevise = why === undefined && action.status === 'pending_approval';
  return {
    row,
    lines,
    moved,
    ...(against === undefined ? {} : { against }),
    ...(lacks === undefined ? {} : { lacks }),
    params: dossier.params,
    proposed_params: action.params,
    edited: dossier.edited,
    reasoning: dossier.reasoning,
    profile: dossier.profile,
    events: events.slice(0, MOST_EVENTS),
    recent: recent.slice(0, MOST_ACTIONS),
    rejections: rejections.slice(0, MOST_ACTIONS),
    may_revise: mayRevise,
    ...(why === undefined ? {} : { why_not_revise: why }),
    agent: { id: agent.id, name: agent.name, version: agent.version },
  };
}

const editBody = z.strictObject({ ref: refBody, params: editedParams });

/** One action whole, decided or not, and the check of an edit of it. */
export function actionRoutes({ nonces }: DeskParts): DeskRoute[] {
  return [
    looking({
      path: '/action',
      scopes: ['agents:read'],
      query: z.strictObject(refFields),
      async handle({ house, session, query }) {
        const { row, ...rest } = await story(house, query);
        return { row: { ...row, nonce: nonces.give(session, shownAs(row, row.digest)) }, ...rest };
      },
    }),
    acting({
      path: '/edit',
      scopes: ['agents:approve'],
      body: editBody,
      async handle({ house, session, body: { ref, params } }) {
        const dossier = await dossierOf(house, ref, params);
        const { status } = dossier.action;
        if (status !== 'pending_approval')
          throw conflict(`This is ${status} already, so it can't be edited.`, { status });
        const nonce = nonces.give(session, shownAs(dossier.ref, dossier.binding, params));
        return { digest: dossier.binding, nonce, lines: dossier.lines, params: dossier.params };
      },
    }),
  ];
}
