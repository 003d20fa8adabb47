/** What a code does to a record: void for ever, a node's own refusal, or either. */
export type CodeEffect = 'void' | 'refusal' | 'both' | 'node'

/** A stable error code. */
export type Code =
  | 'invalid-amount'
  | 'invalid-source'
  | 'invalid-quality'
  | 'proof-from-future'
  | 'proof-stale'
  | 'implausible-proof'
  | 'source-claimed'
  | 'source-contested'
  | 'unverified-source'
  | 'insufficient-adp'
  | 'insufficient-capacity'
  | 'insufficient-atp'
  | 'too-many-batches'
  | 'not-authorised'
  | 'unknown-reference'
  | 'already-ended'
  | 'already-claimed'
  | 'expired'
  | 'citizenship-cycle'
  | 'already-citizen'
  | 'not-citizen'
  | 'offer-closed'
  | 'impossible-request'
  | 'rate-limited'
  | 'queue-full'
  | 'bond-exists'
  | 'not-eligible'
  | 'vouch-cycle'
  | 'malformed'
  | 'bad-signature'
  | 'wrong-author'
  | 'out-of-order'
  | 'equivocation'
  | 'clock-backwards'
  | 'unknown-society'
  | 'too-large'
  | 'unsupported-version'
  | 'source-unavailable'
  | 'source-nonsense'
  | 'wrong-passphrase'
  | 'port-in-use'
  | 'directory-in-use'
  | 'file-refused'
  | 'store-damaged'
  | 'history-dropped'
  | 'peer-unavailable'
  | 'clock-skewed'
  | 'no-node'
  | 'internal'
  | 'uncertified'

/** Every stable error code with its effect and what to do about it, for people. */
export const codes: Readonly<Record<Code, readonly [effect: CodeEffect, advice: string]>> = {
  'invalid-amount': [
    'both',
    'Give a positive amount with at most three decimals, within what it refers to.',
  ],
  'invalid-source': [
    'both',
    'Give the source id as type:scheme:value, lower case, with a real serial number.',
  ],
  'invalid-quality': ['both', 'Give a quality from 0 to 1.'],
  'proof-from-future': [
    'void',
    'Check the clocks of meter and node: the measurement is dated ahead of its record.',
  ],
  'proof-stale': ['both', 'Measure the source again with `prove`, then repeat.'],
  'implausible-proof': [
    'refusal',
    'The measurement contradicts physics; check device, site and time.',
  ],
  'source-claimed': ['refusal', 'Another society holds this source; it must retire it first.'],
  'source-contested': ['refusal', 'Two societies claim this source; have it witnessed or retired.'],
  'unverified-source': [
    'both',
    'Less surely proven than is asked for; have the source measured with `prove`, and witnessed.',
  ],
  'insufficient-adp': ['void', 'Charge or pay less: the ADP pool does not hold this much.'],
  'insufficient-capacity': [
    'both',
    'Charge less, or wait until occupied watts are free or more is proven.',
  ],
  'insufficient-atp': ['void', 'Charge first, or ask for less: not this much ATP is available.'],
  'too-many-batches': ['void', 'Use or let expire some of the live batches before charging again.'],
  'not-authorised': ['both', 'Only the party entitled to it may do this.'],
  'unknown-reference': ['both', 'The record names something that is not there; check the id.'],
  'already-ended': ['both', 'It has ended already; nothing is left to do.'],
  'already-claimed': ['void', 'It was claimed before; a hand-over is claimed once.'],
  expired: ['both', 'It is past its time.'],
  'citizenship-cycle': ['both', 'A society cannot be its own ancestor; apply to another parent.'],
  'already-citizen': ['void', 'Leave the present parent first: one application is open at a time.'],
  'not-citizen': [
    'both',
    'Only a citizen can do this or be granted ATP; apply and be admitted first.',
  ],
  'offer-closed': ['both', 'The offer is settled, cancelled or over; look for another one.'],
  'impossible-request': [
    'refusal',
    'No hour of its sources and no ATP it holds could serve this; ask for less.',
  ],
  'rate-limited': ['refusal', 'Too many requests within the hour; wait.'],
  'queue-full': ['refusal', 'The queue is full; try again later.'],
  'bond-exists': [
    'both',
    'One bond at a time, and a source in one bond: end the present one first.',
  ],
  'not-eligible': ['both', 'A condition of the vouch or bond is not met; see the message.'],
  'vouch-cycle': ['refusal', 'Vouches must not form a cycle.'],
  malformed: ['both', 'The input does not have the form that is asked for; see the message.'],
  'bad-signature': ['both', 'The signature does not fit; the sender is at fault.'],
  'wrong-author': ['refusal', 'This document belongs to another society.'],
  'out-of-order': ['refusal', 'Changes before this one are missing or it is known already.'],
  equivocation: [
    'both',
    'Two statements of one key contradict each other; deal no further with this society.',
  ],
  'clock-backwards': [
    'both',
    'Set the clock right: the record would be dated before one it follows or names.',
  ],
  'unknown-society': ['refusal', 'This society is no member here; have a member admit it.'],
  'too-large': ['refusal', 'Send less at a time; see the limit in the message.'],
  'unsupported-version': ['refusal', 'This needs a newer version of the program.'],
  uncertified: [
    'refusal',
    'Wait until the witnesses have signed, then try again; or set acceptFinality: signed.',
  ],
  'source-unavailable': [
    'node',
    'The device did not answer; check address, cable and that it is switched on.',
  ],
  'source-nonsense': [
    'node',
    'The device answered what no such device can mean; check model and unit id.',
  ],
  'wrong-passphrase': ['node', 'Give the passphrase the key was encrypted with.'],
  'port-in-use': ['node', 'Stop what listens there or choose another port in config.yaml.'],
  'directory-in-use': [
    'node',
    'Choose another directory with --dir, or stop the node that runs there.',
  ],
  'history-dropped': ['node', 'Ask a node that keeps all history; this one keeps a window of it.'],
  'file-refused': ['node', 'Mend what is named, then repeat; `society doctor` looks at the rest.'],
  'store-damaged': [
    'node',
    'Bring what is named back from a backup; all but keys may also be moved away: peers have it.',
  ],
  'peer-unavailable': [
    'node',
    "The other society's node is not reachable; try again when it is online.",
  ],
  'clock-skewed': [
    'node',
    "Set this machine's clock right, best by NTP; the node goes on signing by itself.",
  ],
  'no-node': [
    'node',
    'Start the node with `society start`, or name the directory of one that runs with --dir.',
  ],
  internal: [
    'node',
    'This is a bug of the program: report it with what it said and the log of the node around it.',
  ],
}

/** A refusal or a voiding: the code, what exactly was wrong, and the record it is about if any. */
export type Fault = { readonly code: Code; readonly message: string; readonly record?: string }

/** Makes a fault. */
export const fault = (code: Code, message: string, record?: string): Fault =>
  record === undefined ? { code, message } : { code, message, record }
