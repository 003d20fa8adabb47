/** Ids of what nodes ask each other over streams. Every one is listed here and nowhere else. */
export const protocols = {
  /** Frontiers and changes (R65, R66). */
  sync: '/society/sync/1',
  /** Signatures under completions and endorsements (R67). */
  cosign: '/society/cosign/1',
  /** Acknowledgements, certificates, appointments (F6). */
  acknowledge: '/society/witness/1',
  /** Looks at sources (C17). */
  measure: '/society/measure/1',
  /** Bytes to and from a claimant's device (C18). */
  tunnel: '/society/tunnel/1',
  /** Signatures under checkpoints (H4). */
  checkpoint: '/society/checkpoint/1',
  /** Addresses of members' nodes. */
  addresses: '/society/addresses/1',
} as const
