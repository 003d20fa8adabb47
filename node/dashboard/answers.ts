import type { ExchangeView, SocietyView } from '../../src/index.ts'

/** A document's newest place at this node. */
export type Head = {
  readonly document: string
  readonly society: string
  readonly name: string
  readonly kind: 'trust' | 'pool'
  readonly seq: number
  readonly hash: string
  readonly state: string
}

/** `GET /v1/status`: this node's society and the node itself. */
export type Status = SocietyView & {
  readonly api: string
  readonly version: string
  readonly startedAt: string
  readonly peer: string
  readonly addresses: readonly string[]
  readonly peers: number
  readonly health: {
    readonly state: 'ok' | 'bad'
    readonly reasons: readonly { readonly code: string; readonly message: string }[]
    readonly jobs: number
    readonly waiting: number
  }
  readonly heads: readonly Head[]
}

/** `GET /v1/sources`: a source of this society, and when it is measured again. */
export type OwnSource = SocietyView['energy']['sources'][string] & {
  readonly id: string
  readonly renewal: {
    readonly nextLook: string
    readonly renewal: string
    readonly failures: number
    readonly failure: { readonly code: string; readonly message: string } | null
  } | null
}

/** `GET /v1/societies`: a society in short. */
export type ShortSociety = {
  readonly id: string
  readonly name: string
  readonly membership: 'member' | 'applicant' | 'guest'
  readonly self: boolean
  readonly parent: string | null
  readonly capacity: number
  readonly available: number
  readonly adp: number
  readonly supply: number
  readonly standing: 'good' | 'equivocated'
}

/** `GET /v1/peers`: another node. */
export type Peer = {
  readonly peer: string
  readonly society: string | null
  readonly name: string | null
  readonly member: boolean
  readonly direction: 'inbound' | 'outbound' | 'none'
  readonly since: string | null
  readonly addresses: readonly string[]
  readonly latencyMs: number | null
  readonly lastFailure: string | null
  readonly points: number
  readonly exchange: ExchangeView | null
}

/** `GET /v1/clock`: how the machine's clock stands. */
export type ClockState = {
  readonly state: 'right' | 'behind' | 'skewed' | 'jumped'
  readonly message: string | null
  readonly time: string
  readonly peersOffsetMs: number | null
  readonly peers: readonly { readonly society: string; readonly offsetMs: number }[]
  readonly serversOffsetMs: number | null
  readonly servers: readonly {
    readonly server: string
    readonly offsetMs: number | null
    readonly failure: string | null
  }[]
}
