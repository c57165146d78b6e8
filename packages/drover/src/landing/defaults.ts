/** Chunks and proofs at the same time. One stream keeps the servers at both ends busy: more help where those are idle. */
export const defaultLandingWorkers = 2
