import type { DialectName } from '../domain/dialects/mapping/dialect.ts';
import { refusedEventsOf } from '../files/refused-events.ts';
import { jsonAnswer } from '../http/answers.ts';
import type { Mount } from '../http/mount.ts';
import type { Assembled, ServedParts } from '../http/start.ts';
import { type AgentApi, apiMount, bareMount, type ForeignApi } from './base/api-mount.ts';
import { converraRest } from './converra.ts';
import { makeRest } from './make.ts';
import { openApiOf } from './openapi.ts';
import { pathboundRest } from './pathbound.ts';
import { createReadings } from './readings.ts';
import { segmentRest } from './segment.ts';
import { talkifaiRest } from './talkifai.ts';

type RestParts = Pick<ServedParts, 'house' | 'houseOf' | 'streams' | 'home'>;

/** The APIs of other products, as they are served here: a mount for each, and the document that describes them. */
export function restMounts({ house, houseOf, streams, home }: RestParts): Assembled {
  const { now } = house.deps;
  const pathbound = pathboundRest(createReadings(now), now);
  const agentApis: readonly AgentApi[] = [pathbound, makeRest(streams), converraRest, talkifaiRest];
  const segment = segmentRest(refusedEventsOf(home), now);
  const apis: readonly ForeignApi[] = [...agentApis, segment];
  const byName = new Map(agentApis.map((api): [DialectName, Mount] => [api.name, apiMount(api, houseOf)]));
  const bare = bareMount(byName, apiMount(pathbound, houseOf));
  let document: unknown;
  const openApi = () => {
    document ??= openApiOf(apis);
    return jsonAnswer(200, document);
  };
  return {
    mounts: [...byName.values(), apiMount(segment, houseOf), bare],
    open: [['/openapi.json', { methods: ['GET', 'HEAD'], answer: openApi }]],
  };
}
