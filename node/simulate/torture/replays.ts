import type { SeededRandom } from '../random.ts'
import { pick } from './actions.ts'
import type { TortureWorld, Victim } from './torture-world.ts'

/** What replays need of the run that they are said in. */
export type ReplaysParts = {
  readonly world: TortureWorld
  /** Something was said again. */
  readonly told: (what: string) => void
  /** Hands a message to a node, as if it had come by gossip. */
  readonly hand: (from: string, to: Victim, topic: string, message: Uint8Array) => void
}

type Heard = { readonly topic: string; readonly message: Uint8Array }

/** Messages that are remembered: some of the newest and some that are as old as the world. */
const keptMax = 256

/** Everything that was ever gossiped may be said again, by anybody, at any time. */
export class Replays {
  readonly #parts: ReplaysParts
  readonly #heard: Heard[] = []
  #count = 0

  constructor(parts: ReplaysParts) {
    this.#parts = parts
  }

  /** Remembers a message of gossip. */
  hear(topic: string, message: Uint8Array): void {
    this.#count += 1
    if (this.#heard.length < keptMax) this.#heard.push({ topic, message })
    // The older half stays for good.
    else this.#heard[keptMax / 2 + (this.#count % (keptMax / 2))] = { topic, message }
  }

  /** Says again what others have said, in whatever order, now and then under another topic. */
  replay(victim: Victim, random: SeededRandom): void {
    const { world, hand, told } = this.#parts
    const count = 10 + Math.floor(random.next() * 50)
    for (let i = 0; i < count; i++) {
      const heard = pick(random, this.#heard)
      const to = pick(random, world.victims)
      if (heard === undefined || to === undefined) return
      const other = random.next() < 1 / 8 ? pick(random, this.#heard)?.topic : undefined
      world.clock.after(Math.floor(random.next() * 10_000), () => {
        hand(victim.name, to, other ?? heard.topic, heard.message.slice())
      })
    }
    told('replay')
  }
}
