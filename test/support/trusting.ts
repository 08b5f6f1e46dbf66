/** The setting of a person who trusts the client alone, for tests about something else than proof. */
export const TRUSTING = { COUNTERSIGN_MIN_PROOF: 'client' };
