import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { World } from '../../node/simulate/world.ts'
import type { RecordId } from '../../protocol/index.ts'
import { Failure, type ExportedBacking } from '../../src/index.ts'
import { silentLog } from '../../node/silent-log.ts'

/** The source that everything is charged on. */
const roof = 'solar:test:roof'

/** How a world of societies is founded. */
export type BackingWorldOptions = {
  readonly federation?: string
  readonly policy?: Readonly<Record<string, unknown>>
  readonly manual?: boolean
  /** In ms since 1970; noon of a day in June by default. */
  readonly startMs?: number
}

/** What is proven, and how. */
export type ProveOptions = {
  readonly source?: string
  readonly poweredBy?: string
  readonly simulated?: boolean
  /** Makes one transcript unlike another. */
  readonly salt?: string
}

/** Societies with real replicas on a simulated network, and short words for what they do. */
export class BackingWorld {
  readonly world: World

  private constructor(startMs: number) {
    const parts = { verifier: createVerifier(), log: silentLog, localSigners: new Map() }
    this.world = new World({ startMs, seed: 1, ...parts })
  }

  /** Founds societies of 1,000 ADP each. */
  static async of(
    names: readonly string[],
    options: BackingWorldOptions = {},
  ): Promise<BackingWorld> {
    const { federation = 'test-backing', policy, manual = false } = options
    const made = new BackingWorld(options.startMs ?? Date.UTC(2026, 5, 21, 12))
    for (const name of names) {
      const usual = { admission: 'open', minimumOccupancy: 0, ...policy }
      const founding = { name, federation, adp: 1_000, policy: usual, witnesses: [] }
      await made.world.add(name, founding, manual)
    }
    return made
  }

  /** Writes a record; names of societies stand for them. */
  write(by: string, kind: string, given: object): Promise<RecordId> {
    return this.world.settled(this.world.replica(by).write(kind, given))
  }

  /** Proves a source at the device, transcript and all. */
  prove(by: string, watts = 1_000, options: ProveOptions = {}): Promise<RecordId> {
    const { source = roof, poweredBy = '', simulated = false, salt = '' } = options
    const fields = source.startsWith('battery')
      ? { dischargeRate: watts, stored: watts }
      : { rated: watts }
    return this.world.settled(
      this.world.replica(by).prove({
        source,
        fields: { ...fields, ...(poweredBy === '' ? {} : { poweredBy }) },
        measuredAt: this.world.clock.now(),
        method: 'test',
        transcript: new TextEncoder().encode(`${source} by ${by}${salt}`),
        simulated,
      }),
    )
  }

  /** Two of those who are drawn by lot witness a proof; only where so many are members. */
  async witness(prover: string, proof: RecordId, level: number): Promise<void> {
    const { witnessing } = this.world.replica(prover)
    const residents = [...this.world.residents.values()]
    const { drawers } = await witnessing.choice(proof, null)
    const drawer = residents.find(({ key }) => drawers.includes(key))
    const drawn = await drawer?.replica?.witnessing.draw(proof)
    if (drawer === undefined || drawn === undefined) throw new TypeError('nobody draws')
    const draw = Buffer.from(drawn).toString('hex')
    const { chosen } = await witnessing.choice(proof, { by: drawer.key, signature: draw })
    for (const society of chosen.slice(0, 2)) {
      const name = residents.find(({ key }) => key === society)?.name ?? ''
      const word = { proof, verdict: true, level, samples: 1, drawnBy: drawer.key, draw }
      await this.write(name, 'energy.attest', word)
    }
  }

  /** Charges ATP on a source. */
  charge(by: string, amount: number, source: string = roof): Promise<RecordId> {
    return this.write(by, 'atp.charge', { amount, source })
  }

  /** One society sells to another, both nodes doing their part by themselves. */
  async trade(seller: string, buyer: string, amount: number): Promise<void> {
    const offer = await this.write(seller, 'trade.offer', { amount, price: 1 })
    await this.write(buyer, 'trade.accept', { offer })
  }

  /** A society lends to another, its child from now on. */
  async lend(parent: string, child: string, amount: number): Promise<void> {
    await this.write(child, 'citizenship.apply', { parent })
    await this.write(parent, 'citizenship.admit', { child })
    await this.write(parent, 'allocation.grant', { to: child, amount })
  }

  /** What one society says of another's backing, with the content of its file. */
  export(viewer: string, of: string): Promise<ExportedBacking> {
    const { key } = this.world.resident(of)
    return this.world.settled(this.world.replica(viewer).exportBacking(key))
  }
}

/** The code of the failure that a promise ends in; `none` where it does not. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
    return 'none'
  } catch (error) {
    if (error instanceof Failure) return error.code
    throw error
  }
}
