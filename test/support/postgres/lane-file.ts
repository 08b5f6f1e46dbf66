import { afterAll, expect, vi } from 'vitest';
import { releaseHomes } from './homes.ts';

/** The limit of a slow test, as in its own lane (vitest.config.ts). All others have that of the lane of PostgreSQL. */
const SLOW_MS = 300_000;

if (expect.getState().testPath?.endsWith('.slow.test.ts')) vi.setConfig({ testTimeout: SLOW_MS, hookTimeout: SLOW_MS });
// A worker runs several files one after the other.
else vi.resetConfig();

// Runs with each file of the lane: what its homes held is dropped once its tests are over.
afterAll(releaseHomes);
