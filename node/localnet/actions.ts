import { Failure } from '../../src/index.ts'
import type { Act } from './control.ts'
import type { LocalSociety } from './society.ts'

type Done = Awaited<ReturnType<Act>>

/**
 * What a local network that is kept can be asked for, by its societies. Each fails with
 * `unknown-society` for a name that is not there.
 */
export class Actions {
  readonly #societies: readonly LocalSociety[]

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
    const before = ran ? 'was stopped and runs again' : 'runs again'
    return { value: { name, api }, text: `${name} ${before}, at ${api}` }
  }
}

function one(societies: readonly LocalSociety[]): LocalSociety {
  const [society] = societies
  if (society === undefined || societies.length > 1) {
    throw new Failure('malformed', 'give the name of one society')
  }
  return society
}
