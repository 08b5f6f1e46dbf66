import fs from 'node:fs';
import { expect, it } from 'vitest';
import { EffectsSiege } from '../support/effects-siege.ts';
import { aHome } from '../support/fixtures.ts';
import { aMailSink } from '../support/mail-sink.ts';
import { aSink } from '../support/sink.ts';

/** `npm run test:faults` goes on for minutes, with a seed of its own. */
const seconds = Number(process.env.COUNTERSIGN_FAULTS_SECONDS ?? 4);
const seed = Number(process.env.COUNTERSIGN_FAULTS_SEED ?? 20260302);

it(
  `sends what was approved at most once, and says truly what came of it, however often processes die, seed ${seed}`,
  async () => {
    // Receivers take their time, so that processes die with a message under way.
    const sink = await aSink(
      (_request, response, count) => void setTimeout(() => response.end('ok'), (count * 7) % 40),
    );
    const mail = await aMailSink();
    const figures = await new EffectsSiege(aHome(), seed, sink, mail).run(seconds);
    const report = process.env.COUNTERSIGN_FAULTS_REPORT;
    if (report) fs.writeFileSync(report, JSON.stringify({ seed, seconds, ...figures }));
    expect(figures).toMatchObject({ twice: [], untrue: [], unasked: [], lost: [], unsettled: [] });
    expect(figures.executed + figures.unknown).toBe(figures.approved);
    expect(figures.webhooks + figures.mails).toBeGreaterThanOrEqual(figures.executed);
    expect(figures.executed).toBeGreaterThan(10);
    expect(figures.kills).toBeGreaterThan(2);
  },
  (seconds + 180) * 1_000,
);
