import { afterAll } from 'vitest';
import { releaseHomes } from './homes.ts';

// Runs with each file of the lane: what its homes held is dropped once its tests are over.
afterAll(releaseHomes);
