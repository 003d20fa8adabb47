import { clientOf } from '../../node/cli/client.ts'
import type { LocalSociety } from '../../node/localnet/society.ts'
import { Land } from './months/land.ts'
import { storedIn, type Stored } from './months/stored.ts'
import type { Row, RowContext } from './row.ts'

/** Days at a stretch and what is told between, in the short form and in the long one. */
const paces = {
  short: { days: 31, told: 40 },
  long: { days: 10, told: 60 },
} as const
/** Days of a window, beyond which something must have been dropped. */
const windowDays = 60
const windows = ['sage', 'leaf', 'loom', 'oak'] as const

/** What was seen of a land in its life. */
class Chronicle {
  readonly land: Land
  readonly faults: string[] = []
  days = 0
  checkpoints = 0
  kills = 0
  readonly founded = new Date().toISOString()
  stored: ReadonlyMap<string, Stored> = new Map()

  constructor(land: Land) {
    this.land = land
  }

  fault(text: string): void {
    this.faults.push(`day ${this.days}: ${text}`)
  }

  /** Work and trade, checkpoints of all, and the days after them. */
  async live(days: number, told: number): Promise<void> {
    const { land } = this
    await land.work('sage', 'leaf')
    await land.work('leaf', 'loom')
    await land.trade('sage', 'leaf', 10)
    await land.observe('sage', 'oak', told)
    await land.agreed()
    await this.certify()
    await land.agreed()
    await land.pass(days, () => this.#look())
    this.days += days
  }

  /** Every society has what it wrote signed by enough of its witnesses. */
  async certify(): Promise<void> {
    for (const society of this.land.all) {
      const { own, witnesses } = await this.land.certify(society)
      for (const { kind, checkpoint, tried } of own) {
        if (tried === null || witnesses === 0) continue
        this.checkpoints += 1
        if (checkpoint === null || tried.signed < tried.needed) {
          this.fault(`${society.name} has no checkpoint of its ${kind} document`)
        }
      }
    }
  }

  /** What is on the disks of stopped nodes. */
  async #look(): Promise<void> {
    const stored = new Map<string, Stored>()
    for (const { name, directory } of this.land.all) stored.set(name, await storedIn(directory))
    this.stored = stored
    if (this.days <= windowDays) return
    const all = stored.get('keeper')
    for (const name of windows) {
      const window = stored.get(name)
      const isLess =
        window !== undefined && all !== undefined && window.changeBytes < all.changeBytes
      if (!isLess) this.fault(`${name} has dropped nothing of ${all?.changes} changes`)
    }
  }

  /** `kill -9` while it drops what it may; it comes back to the same states. */
  async kill(society: LocalSociety): Promise<void> {
    const client = await clientOf(society.directory)
    const dropping = client.call('writeCheckpoints').catch(() => undefined)
    await society.kill()
    await dropping
    await society.start()
    await this.land.agreed()
    this.kills += 1
  }
}

/** A society that nobody knew joins while nobody who has all history is there. */
async function newcomer(chronicle: Chronicle): Promise<number> {
  const { land } = chronicle
  const keeper = land.named('keeper')
  await keeper.kill()
  const { addresses } = await land.named('sage').status()
  await land.settle('ash', 'window', addresses[0])
  await land.agreed()
  const ash = land.named('ash')
  const { documents } = await land.certify(ash)
  const joined = documents.filter(({ dropped }) => dropped > 0)
  if (joined.length === 0) chronicle.fault('the newcomer has joined from no checkpoint')
  await land.installBattery('ash')
  await land.work('ash', 'leaf')
  await land.trade('ash', 'leaf', 3)
  await land.work('sage', 'ash')
  await land.trade('sage', 'ash', 2)
  await keeper.start()
  await land.agreed()
  return joined.length
}

/** Number of the first change of sage's pool of which a node shows a record. */
async function firstKept(society: LocalSociety, of: string): Promise<number> {
  const query = `society=${encodeURIComponent(of)}&document=pool&limit=1`
  const [first] = await society.ask<readonly { readonly seq: number }[]>(`/v1/records?${query}`)
  return first?.seq ?? 0
}

/** Who keeps all serves it: the past to who asks, and every change to a newcomer that wants it. */
async function history(chronicle: Chronicle): Promise<void> {
  const { land, founded } = chronicle
  const sage = land.named('sage')
  const first = await firstKept(land.named('keeper'), sage.id)
  if (first !== 1) chronicle.fault(`the keeper begins with change ${first}`)
  const past = ['history', sage.id, '--at', new Date(Date.parse(founded) + 60_000).toISOString()]
  await land.named('keeper').run(...past)
  await land.named('loom').refused('history-dropped', ...past)
  const { addresses } = await land.named('keeper').status()
  await land.settle('elm', 'all', addresses[0])
  await land.agreed()
  const { documents } = await land.certify(land.named('elm'))
  const lacking = documents.filter(({ dropped }) => dropped > 0)
  if (lacking.length > 0)
    chronicle.fault(`who wants all history lacks it of ${lacking.length} documents`)
}

async function live(
  chronicle: Chronicle,
  { gate, isShort, tell, isOver }: RowContext,
): Promise<void> {
  const { days, told } = isShort ? paces.short : paces.long
  while (chronicle.days < (gate['days'] ?? 0) && !isOver()) {
    await chronicle.live(days, told)
    const victim = windows[chronicle.kills % windows.length]
    if (!isShort && victim !== undefined) await chronicle.kill(chronicle.land.named(victim))
    const sizes = [...chronicle.stored].map(([name, { changes }]) => `${name} ${changes}`)
    tell(`day ${chronicle.days}: ${chronicle.checkpoints} checkpoints; ${sizes.join(', ')}`)
  }
}

/** Real nodes with a window of history, and one with all of it, that live through months. */
export const months: Row = {
  name: 'months',
  proof: 'real nodes through months: windows drop, newcomers join from checkpoints, all agree',
  gates: { short: { days: 93 }, long: { days: 400 } },
  async run(context) {
    const land = await Land.found()
    try {
      const chronicle = new Chronicle(land)
      await live(chronicle, context)
      await chronicle.certify()
      const joined = await newcomer(chronicle)
      await history(chronicle)
      await chronicle.kill(land.named('loom'))
      await land.trade('sage', 'leaf', 1)
      await land.until('all agree at last', () => land.agreed())
      const { days, checkpoints, kills, faults, stored } = chronicle
      const sizes = Object.fromEntries(
        [...stored].flatMap(([name, { changes, changeBytes, fileBytes }]) => [
          [`${name} changes`, changes],
          [`${name} changeBytes`, changeBytes],
          [`${name} fileBytes`, fileBytes],
        ]),
      )
      return { figures: { days, checkpoints, kills, joined, ...sizes }, faults }
    } finally {
      await land.remove()
    }
  },
}
