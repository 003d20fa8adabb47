import { clockAheadSecondsMax } from '../clock/limits.ts'
import { Failure } from '../../src/index.ts'
import type { Act } from './control.ts'
import { secondsOf } from './duration.ts'
import type { LocalNetwork, Tell } from './network.ts'
import { megabytes, Snapshots, snapshotsMax, type Snapshot } from './snapshots.ts'
import type { LocalSociety } from './society.ts'

type Done = Awaited<ReturnType<Act>>

/**
 * What a local network that is kept can be asked for. Each fails with `unknown-society` for a name
 * that is not there.
 */
export class Actions {
  readonly #network: LocalNetwork
  readonly #snapshots: Snapshots

  constructor(network: LocalNetwork) {
    this.#network = network
    this.#snapshots = new Snapshots(network.root)
  }

  /** Does what a request names. */
  readonly act: Act = async ({ action, names }, tell) => {
    switch (action) {
      case 'kill':
        return this.#kill(this.#one(names))
      case 'restart':
        return this.#restart(this.#one(names))
      case 'partition':
        return this.#partition(names.map((name) => this.#named(name)))
      case 'heal':
        return this.#heal()
      case 'snapshot':
        return this.#snapshot(names[0], tell)
      case 'snapshots':
        return this.#list()
      case 'revert':
        return this.#revert(names[0], tell)
      case 'forget':
        return this.#forget(names[0] ?? '')
      case 'advance':
        return this.#advance(names[0] ?? '', tell)
      default:
        throw new Failure('malformed', `a local network cannot ${action}`)
    }
  }

  #named(name: string): LocalSociety {
    const { societies } = this.#network
    const found = societies.find((society) => society.name === name)
    if (found !== undefined) return found
    const names = listed(societies.map((society) => society.name))
    throw new Failure('unknown-society', `no society is called ${name} here; there are ${names}`)
  }

  #one(names: readonly string[]): LocalSociety {
    const [name] = names
    if (name === undefined || names.length > 1) {
      throw new Failure('malformed', 'give the name of one society')
    }
    return this.#named(name)
  }

  async #kill(society: LocalSociety): Promise<Done> {
    const { name } = society
    const ran = society.running
    await society.kill()
    await this.#network.save()
    const text = ran
      ? `${name} is killed, as by kill -9; bring it back with 'society localnet restart ${name}'`
      : `${name} was not running`
    return { value: { name, killed: ran }, text }
  }

  async #restart(society: LocalSociety): Promise<Done> {
    const { name } = society
    const ran = society.running
    await society.stop()
    const { api } = await society.start()
    // A node forgets whom it refuses when it ends; until now the others have refused it.
    await this.#network.tellSides([society])
    await this.#network.save()
    const before = ran ? 'was stopped and runs again' : 'runs again'
    return { value: { name, api }, text: `${name} ${before}, at ${api}` }
  }

  async #partition(chosen: readonly LocalSociety[]): Promise<Done> {
    const { societies } = this.#network
    const apart = societies.filter((society) => chosen.includes(society))
    const rest = societies.filter((society) => !chosen.includes(society))
    if (apart.length === 0 || rest.length === 0) {
      throw new Failure('malformed', 'a partition has societies on both sides: name some, not all')
    }
    await this.#network.divide(apart)
    const sides = [apart, rest].map((side) => side.map(({ name }) => name))
    const [these, those] = sides.map(listed)
    const done = `${these} and ${those} refuse each other’s connections`
    const text = `${done}; 'society localnet heal' ends it`
    return { value: { sides }, text }
  }

  async #heal(): Promise<Done> {
    const healed = this.#network.apart.length > 0
    await this.#network.divide([])
    const text = healed
      ? 'nobody is refused any more; the nodes find each other again by themselves'
      : 'there was no partition'
    return { value: { healed }, text }
  }

  async #snapshot(given: string | undefined, tell: Tell): Promise<Done> {
    const network = this.#network
    const names = network.societies.map((society) => society.name)
    const name = await this.#snapshots.nameFor(given, names)
    const { state } = network
    await network.stop(tell)
    let taken: Snapshot
    try {
      taken = await this.#snapshots.take(name, network.now, state, tell)
    } finally {
      await network.start(state, tell)
    }
    const count = (await this.#snapshots.list()).length
    const size = `${megabytes(taken.bytes)}, ${count} of at most ${snapshotsMax}`
    const text = `${name} is taken (${size}); 'society localnet revert ${name}' brings it back`
    return { value: viewOf(taken), text }
  }

  async #list(): Promise<Done> {
    const all = await this.#snapshots.list()
    const lines = all.map(({ name, time, bytes, state }) => {
      const apart = state.apart.length === 0 ? '' : `, ${listed(state.apart)} apart`
      return `${name}  ${iso(time)}  ${megabytes(bytes)}, ${runningOf(state)} running${apart}`
    })
    return { value: all.map(viewOf), text: lines.join('\n') || 'no snapshots' }
  }

  async #revert(name: string | undefined, tell: Tell): Promise<Done> {
    const network = this.#network
    const snapshot = await this.#snapshots.find(name)
    await network.stop(tell)
    await this.#snapshots.putBack(snapshot, tell)
    await network.start(snapshot.state, tell)
    const { state } = snapshot
    const apart = state.apart.length === 0 ? '' : `; ${listed(state.apart)} are apart again`
    const whole = `all ${state.societies.length} are as they were in ${snapshot.name}`
    const text = `${whole}, ${runningOf(state)} running, and it is ${iso(network.now)}${apart}`
    return { value: viewOf(snapshot), text }
  }

  async #forget(name: string): Promise<Done> {
    const gone = await this.#snapshots.forget(name)
    return { value: { name, bytes: gone.bytes }, text: `${name} is gone, ${megabytes(gone.bytes)}` }
  }

  async #advance(span: string, tell: Tell): Promise<Done> {
    const network = this.#network
    const aheadSeconds = network.aheadSeconds + secondsOf(span)
    if (aheadSeconds > clockAheadSecondsMax) {
      const most = `${clockAheadSecondsMax} s ahead of this machine’s at most`
      throw new Failure('malformed', `${span} is too far: clocks of a local network go ${most}`)
    }
    const state = { ...network.state, aheadSeconds }
    await network.stop(tell)
    await network.start(state, tell)
    const now = iso(network.now)
    const text = `it is ${now} at every node and simulator; ${notFollowing}`
    return { value: { aheadSeconds, time: now }, text }
  }
}

/** What goes by the machine's clock all the same. */
const notFollowing =
  'lines of logs, certificates of TLS and this machine’s files go by its own clock'

const iso = (at: number): string => new Date(at).toISOString()
const listed = (names: readonly string[]): string => names.join(', ')

const runningOf = ({ societies }: Snapshot['state']): string =>
  `${societies.filter(({ runs }) => runs).length} of ${societies.length}`

/** A snapshot for programs. */
function viewOf({ name, time, takenAt, bytes, state }: Snapshot): unknown {
  const { societies, apart, aheadSeconds } = state
  const running = societies.filter(({ runs }) => runs).map((society) => society.name)
  return {
    name,
    time: iso(time),
    takenAt: iso(takenAt),
    bytes,
    aheadSeconds,
    running,
    apart,
  }
}
