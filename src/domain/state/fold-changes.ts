import type { Kind } from './fold.ts';
import type { ChangeBook, Grant, KeptChange, Standing } from './kept-change.ts';

/** The change without a grant for these agents; undefined where nothing of it is left. */
function withoutGrants(change: KeptChange, agentIds: ReadonlySet<string>): KeptChange | undefined {
  const { call } = change;
  if (call.tool !== 'grant') return change;
  const grants = call.grants.filter(({ agent_id }) => !agentIds.has(agent_id));
  if (grants.length === 0) return undefined;
  const agent_ids = change.agent_ids.filter((id) => !agentIds.has(id));
  return { ...change, call: { ...call, grants }, grants, agent_ids };
}

/** A standing in which a type that was earned is asked again. */
function withLost(standing: Standing, grant: Grant, type: string): Standing {
  const { earned } = grant;
  if (!earned) return standing;
  return { ...standing, grant: { ...grant, earned: { ...earned, lost: [...(earned.lost ?? []), type] } } };
}

/** Takes agents out of the changes that ask for nothing but a grant. */
function dropGrants({ waiting }: ChangeBook, agentIds: readonly string[]): void {
  const gone = new Set(agentIds);
  for (const [id, change] of waiting) {
    const left = withoutGrants(change, gone);
    if (left) waiting.set(id, left);
    else waiting.delete(id);
  }
}

/** A yes to an import lets it be made once, by the same call: what is kept of that is its digest. */
function permitImport({ waiting, permits }: ChangeBook, { change_id, at }: { change_id: string; at: string }): void {
  for (const [source, until] of permits) if (until <= at) permits.delete(source);
  const change = waiting.get(change_id);
  if (change?.call.tool === 'import_contacts') permits.set(change.call.source, change.lapses_at);
}

export const changesKind: Kind<ChangeBook> = {
  empty: () => ({ standings: new Map(), waiting: new Map(), permits: new Map() }),
  fold(state, event) {
    switch (event.type) {
      case 'mandate_granted': {
        const { at, by, via } = event;
        for (const { agent_id, digest, mandate, earned } of event.grants) {
          const grant = { digest, mandate, at, by, via, ...(earned ? { earned } : {}) };
          state.standings.set(agent_id, { grant, last: grant });
        }
        dropGrants(
          state,
          event.grants.map(({ agent_id }) => agent_id),
        );
        return;
      }
      case 'grant_ended':
        for (const id of event.agent_ids) {
          const last = state.standings.get(id)?.last;
          state.standings.set(id, last ? { last } : {});
        }
        dropGrants(state, event.agent_ids);
        return;
      case 'trust_ended': {
        const standing = state.standings.get(event.agent_id);
        if (standing?.grant) state.standings.set(event.agent_id, withLost(standing, standing.grant, event.action_type));
        return;
      }
      case 'change_asked':
        state.waiting.set(event.change.id, event.change);
        for (const { agent_id } of event.change.grants)
          if (!state.standings.has(agent_id)) state.standings.set(agent_id, {});
        return;
      case 'change_closed':
        if (event.outcome === 'approved') permitImport(state, event);
        state.waiting.delete(event.change_id);
        return;
      case 'permit_used':
        state.permits.delete(event.source);
        return;
      case 'agent_deleted':
        state.standings.delete(event.agent_id);
        dropGrants(state, [event.agent_id]);
        for (const [id, change] of state.waiting) if (change.agent_id === event.agent_id) state.waiting.delete(id);
    }
  },
};
