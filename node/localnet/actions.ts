import { Failure } from '../../src/index.ts'
import type { Act } from './control.ts'
import type { LocalSociety } from './society.ts'

/** Real nodes go by the machine's clock, which is not theirs to move. */
const noAdvance =
  'real nodes go by this machine’s clock, which runs for others too, so no command moves it; ' +
  'to see what time does, play a scenario on a simulated world, whose clock is its own: ' +
  'society simulate FILE'

type Done = Awaited<ReturnType<Act>>

/**
 * What a local network that is kept can be asked for, by its societies. Each fails with
 * `unknown-society` for a name that is not there.
 */
export class Actions {
  readonly #societies: readonly LocalSociety[]
  /** Those on one side of a partition; none while there is none. */
  #apart: readonly LocalSociety[] = []

  constructor(societies: readonly LocalSociety[]) {
    this.#societies = societies
  }

  /** Does what a request names. */
  readonly act: Act = async ({ action, names }) => {
    const chosen = names.map((name) => this.#named(name))
    switch (action) {
      case 'kill':
        return this.#kill(one(chosen))
      case 'restart':
        return this.#restart(one(chosen))
      case 'partition':
        return this.#partition(chosen)
      case 'heal':
        return this.#heal()
      case 'advance':
        throw new Failure('malformed', noAdvance)
      default:
        throw new Failure('malformed', `a local network cannot ${action}`)
    }
  }

  #named(name: string): LocalSociety {
    const found = this.#societies.find((society) => society.name === name)
    if (found !== undefined) return found
    const names = this.#societies.map((society) => society.name).join(', ')
    throw new Failure('unknown-society', `no society is called ${name} here; there are ${names}`)
  }

  async #kill(society: LocalSociety): Promise<Done> {
    const { name } = society
    const ran = society.running
    await society.kill()
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
    await this.#divide([society])
    const before = ran ? 'was stopped and runs again' : 'runs again'
    return { value: { name, api }, text: `${name} ${before}, at ${api}` }
  }

  async #partition(chosen: readonly LocalSociety[]): Promise<Done> {
    const apart = this.#societies.filter((society) => chosen.includes(society))
    if (apart.length === 0 || apart.length === this.#societies.length) {
      throw new Failure('malformed', 'a partition has societies on both sides: name some, not all')
    }
    this.#apart = apart
    await this.#divide(this.#societies)
    const sides = [apart, this.#beyond(apart[0])].map((side) => side.map(({ name }) => name))
    const [these, those] = sides.map(listed)
    const done = `${these} and ${those} refuse each other’s connections`
    const text = `${done}; 'society localnet heal' ends it`
    return { value: { sides }, text }
  }

  async #heal(): Promise<Done> {
    const healed = this.#apart.length > 0
    this.#apart = []
    await this.#divide(this.#societies)
    const text = healed
      ? 'nobody is refused any more; the nodes find each other again by themselves'
      : 'there was no partition'
    return { value: { healed }, text }
  }

  /** Those on the other side of a society's. */
  #beyond(society: LocalSociety | undefined): readonly LocalSociety[] {
    if (this.#apart.length === 0 || society === undefined) return []
    const side = this.#apart.includes(society)
    return this.#societies.filter((other) => this.#apart.includes(other) !== side)
  }

  /** Tells societies whose nodes run whom to refuse. */
  async #divide(societies: readonly LocalSociety[]): Promise<void> {
    const running = societies.filter((society) => society.running)
    await Promise.all(running.map((society) => society.block(this.#beyond(society))))
  }
}

const listed = (names: readonly string[]): string => names.join(', ')

function one(societies: readonly LocalSociety[]): LocalSociety {
  const [society] = societies
  if (society === undefined || societies.length > 1) {
    throw new Failure('malformed', 'give the name of one society')
  }
  return society
}
