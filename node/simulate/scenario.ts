import {
  didOf,
  keyOfBytes,
  witnessesForLevel,
  type Draw,
  type RecordId,
  type SocietyKey,
} from '../../protocol/index.ts'
import { Failure, type Log, type Replica, type Signer, type Verifier } from '../../src/index.ts'
import { mismatch, valueAt } from './expectations.ts'
import type { Scenario, ScenarioStep } from './scenario-file.ts'
import { signerOf } from './simulated-keys.ts'
import { World, type Resident } from './world.ts'

/** What became of a step. */
export type StepResult = {
  readonly line: number
  readonly text: string
  readonly ok: boolean
  readonly detail: string
}

/** What a run needs besides the scenario. */
export type RunParts = {
  readonly verifier: Verifier
  readonly log: Log
  readonly seed: number | null
  /** Shown the world when its story is over, before it is forgotten. */
  readonly after?: (world: World) => Promise<void>
  /** Shown the world before each step, which it leaves as it is. */
  readonly look?: (step: ScenarioStep, world: World) => void
}

const federation = 'test-scenario'
const encoder = new TextEncoder()

type Action = Extract<ScenarioStep, { type: 'do' }>

function describe(step: ScenarioStep): string {
  switch (step.type) {
    case 'do':
      return `${step.by} ${step.kind} ${JSON.stringify(step.with)}`
    case 'equivocate':
      return `${step.by} equivocates: ${step.kind} ${JSON.stringify(step.with)}`
    case 'advance':
      return `advance ${step.text}`
    case 'expect':
      return `expect ${Object.keys(step.expectations).join(', ')}`
    case 'partition':
      return `partition ${step.groups.map((group) => group.join(' ')).join(' | ')}`
    case 'stop':
    case 'restart':
      return `${step.type} ${step.society}`
    default:
      return step.type
  }
}

/** A scenario being played on a world of its own. */
class Play {
  readonly #scenario: Scenario
  readonly #world: World
  readonly #ids: Map<string, string> = new Map()
  readonly #signers: Map<SocietyKey, Signer> = new Map()
  readonly #people: Map<string, string> = new Map()
  readonly #show: RunParts['look']

  constructor(scenario: Scenario, parts: RunParts) {
    this.#scenario = scenario
    this.#show = parts.look
    this.#world = new World({
      startMs: scenario.startMs,
      seed: parts.seed ?? scenario.seed,
      verifier: parts.verifier,
      log: parts.log,
      localSigners: this.#signers,
    })
    for (const name of scenario.societies.keys()) this.#meet(name)
  }

  /** A key under a name: of a society of the file, or of a worker that is none. */
  #meet(name: string): string {
    const known = this.#people.get(name)
    if (known !== undefined) return known
    const signer = signerOf(name)
    const key = keyOfBytes(signer.publicKey)
    this.#signers.set(key, signer)
    this.#people.set(name, didOf(key))
    return didOf(key)
  }

  /** The world it is played on. */
  get world(): World {
    return this.#world
  }

  async begin(): Promise<void> {
    for (const [name, society] of this.#scenario.societies) {
      const { adp, witnesses, manual } = society
      const policy = { admission: 'open', ...society.policy }
      const founding = {
        name,
        federation,
        adp,
        policy,
        witnesses: witnesses.map((w) => this.#meet(w)),
      }
      await this.#world.add(name, founding, manual)
    }
    for (const [name, { parent }] of this.#scenario.societies) {
      if (parent === null) continue
      await this.#write(name, 'citizenship.apply', { parent: this.#meet(parent) })
      await this.#write(parent, 'citizenship.admit', { child: this.#meet(name) })
    }
  }

  #write(by: string, kind: string, given: Readonly<Record<string, unknown>>): Promise<string> {
    return this.#world.settled(this.#world.replica(by).write(kind, given))
  }

  /** `$name` is an id of an earlier step; names of people become their ids. */
  #resolve(given: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const named = new Set(['to', 'worker', 'beneficiary', 'parent', 'child', 'society', 'subject'])
    const one = (field: string, value: unknown): unknown => {
      if (Array.isArray(value)) return value.map((entry) => one(field, entry))
      if (typeof value !== 'string') return value
      if (value.startsWith('$')) {
        const id = this.#ids.get(value.slice(1))
        if (id === undefined) throw new Failure('malformed', `no step before is called ${value}`)
        return id
      }
      const isPerson = named.has(field) || field === 'witnesses' || field === 'endorsers'
      return isPerson && !value.startsWith('did:') ? this.#meet(value) : value
    }
    return Object.fromEntries(
      Object.entries(given).map(([field, value]) => [field, one(field, value)]),
    )
  }

  async #prove(by: string, given: Readonly<Record<string, unknown>>): Promise<string> {
    const { assurance = 1, source, measuredAt, ...fields } = given
    if (![0, 1, 2, 3, 4].some((level) => level === assurance)) {
      throw new Failure('malformed', 'assurance must be a whole number from 0 to 4')
    }
    const replica = this.#world.replica(by)
    if (assurance === 0 || typeof source !== 'string') {
      return this.#write(by, 'energy.prove', { ...fields, source, measuredAt })
    }
    const now = this.#world.clock.now()
    const at = typeof measuredAt === 'string' ? Date.parse(measuredAt) : (measuredAt ?? now)
    const transcript = encoder.encode(
      JSON.stringify({ scenario: this.#scenario.title, source, at }),
    )
    const measurement = {
      source,
      fields: fields as Readonly<Record<string, string | number | boolean>>,
      measuredAt: at as number,
      method: 'scenario',
      transcript,
      simulated: fields['simulated'] === true,
      witnessedLevel: Number(assurance),
    }
    const proof = await this.#world.settled(replica.prove(measurement))
    if (Number(assurance) > 1) await this.#witness(by, proof, Number(assurance))
    return proof
  }

  /** The draw of a proof's witnesses where it takes one, by whoever is up of those who may. */
  async #draw(prover: string, proof: RecordId): Promise<Draw | null> {
    const { drawers } = await this.#world.replica(prover).witnessing.choice(proof, null)
    for (const { key, replica } of this.#world.residents.values()) {
      if (replica === null || !drawers.includes(key)) continue
      const known = await replica.record(proof)
      if (known === undefined) continue
      const signature = Buffer.from(await replica.witnessing.draw(proof)).toString('hex')
      return { by: key, signature }
    }
    return null
  }

  /** The societies of the file, those first that are chosen to witness a proof, in their order. */
  async #byChoice(
    prover: string,
    proof: RecordId,
    draw: Draw | null,
  ): Promise<readonly Resident[]> {
    const { chosen } = await this.#world.replica(prover).witnessing.choice(proof, draw)
    const place = ({ key }: Resident): number =>
      chosen.includes(key) ? chosen.indexOf(key) : chosen.length
    const residents = [...this.#world.residents.values()]
    return residents.toSorted((a, b) => place(a) - place(b))
  }

  /** Two other societies of the file that know of a proof really sign that they checked it. */
  async #witness(prover: string, proof: RecordId, level: number): Promise<void> {
    let missing = witnessesForLevel
    const draw = await this.#draw(prover, proof)
    const drawn = draw === null ? {} : { drawnBy: draw.by, draw: draw.signature }
    for (const { name, replica } of await this.#byChoice(prover, proof, draw)) {
      if (name === prover || replica === null || missing === 0) continue
      // Who is cut off from the prover cannot know of its proof.
      const known = await replica.record(proof)
      if (known === undefined) continue
      const word = { proof, verdict: true, level, samples: 1 }
      await this.#write(name, 'energy.attest', { ...word, ...drawn })
      missing -= 1
    }
    if (missing > 0) {
      throw new Failure('malformed', `assurance ${level} takes two other societies as witnesses`)
    }
  }

  async #do(step: Action): Promise<string> {
    const before = this.#frontier(step.by)
    try {
      const given = this.#resolve(step.with)
      const id =
        step.kind === 'energy.prove'
          ? await this.#prove(step.by, given)
          : await this.#write(step.by, step.kind, given)
      if (step.as !== null) this.#ids.set(step.as, id)
      if (step.refused !== null) return `was not refused with ${step.refused}`
      await this.#world.quiet()
      return ''
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      await this.#world.quiet()
      if (step.refused === null) return `was refused: ${error.code}: ${error.message}`
      if (error.code !== step.refused) {
        return `was refused with ${error.code}, not ${step.refused}: ${error.message}`
      }
      return this.#frontier(step.by) === before ? '' : 'was refused and yet wrote something'
    }
  }

  #frontier(name: string): string {
    const { key } = this.#world.resident(name)
    const own = this.#world
      .replica(name)
      .documentHeads()
      .filter(({ society }) => society === didOf(key))
    return JSON.stringify(own.map(({ hash }) => hash))
  }

  /** What a liar gives for the record of its second change. */
  #lie(kind: string, given: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const resolved = this.#resolve(given)
    if (kind !== 'energy.prove') return resolved
    const { assurance = 1, ...fields } = resolved
    return assurance === 0 ? fields : { ...fields, assurance, evidence: '0'.repeat(64) }
  }

  async #equivocate(step: Extract<ScenarioStep, { type: 'equivocate' }>): Promise<string> {
    const { by, kind, with: given } = step
    try {
      await this.#world.equivocate(by, kind, this.#lie(kind, given))
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      return `there is nothing to be signed twice: ${error.code}: ${error.message}`
    }
    await this.#world.quiet()
    return ''
  }

  #running(name: string): Replica | null {
    return this.#world.resident(name).replica
  }

  /** Whose eyes a path looks through, where that one's node is stopped. */
  #stopped(path: string): string | undefined {
    const viewer = /^(?:trust\()?\s*([^,:.()\s]+)/.exec(path)?.[1] ?? ''
    const isStopped = this.#scenario.societies.has(viewer) && this.#running(viewer) === null
    return isStopped ? viewer : undefined
  }

  /** What a path's first part stands for; nothing where it is a node's view that is stopped. */
  #look(subject: string): unknown {
    const [, observer, trusted] =
      /^trust\(([^,]+),([^)]+)\)$/.exec(subject.replaceAll(' ', '')) ?? []
    if (observer !== undefined && trusted !== undefined) {
      if (!this.#scenario.societies.has(observer) || !this.#people.has(trusted)) return undefined
      const replica = this.#running(observer)
      if (replica === null) return undefined
      return replica.trust(replica.find(this.#meet(trusted))).trust
    }
    const [viewer = subject, viewed = viewer] = subject.split(':')
    if (!this.#scenario.societies.has(viewer) || !this.#people.has(viewed)) return undefined
    const replica = this.#running(viewer)
    if (replica === null) return undefined
    return replica.society(replica.find(this.#meet(viewed)))
  }

  /** The id that a name stands for: of a society or worker, or of what a step before made. */
  #idOf(name: string): string | undefined {
    return name.startsWith('$') ? this.#ids.get(name.slice(1)) : this.#people.get(name)
  }

  #expect(expectations: Readonly<Record<string, unknown>>): string {
    const wrong = Object.entries(expectations).flatMap(([path, wanted]) => {
      const stopped = this.#stopped(path)
      if (stopped !== undefined) return `${path} cannot be seen: the node of ${stopped} is stopped`
      const actual = valueAt(path, (subject) => this.#look(subject))
      return mismatch(path, actual, wanted, (name) => this.#idOf(name)) ?? []
    })
    return wrong.join('; ')
  }

  #converged(): string {
    const running = [...this.#world.residents.values()].filter(({ replica }) => replica !== null)
    const states = running.map(({ name, replica }) => ({
      name,
      state: JSON.stringify(replica?.documentHeads()),
    }))
    const odd = states.filter(({ state }) => state !== states[0]?.state)
    if (odd.length === 0) return ''
    return `${odd.map(({ name }) => name).join(', ')} differ from ${states[0]?.name}`
  }

  /** Plays a step; answers what is wrong, nothing where it is as it should be. */
  async step(step: ScenarioStep): Promise<string> {
    const world = this.#world
    this.#show?.(step, world)
    const actor = 'by' in step ? step.by : step.type === 'stop' ? step.society : null
    if (actor !== null && this.#running(actor) === null) return `the node of ${actor} is stopped`
    switch (step.type) {
      case 'do':
        return this.#do(step)
      case 'advance':
        await world.advance(step.ms)
        await world.signHeads(false)
        return ''
      case 'expect':
        return this.#expect(step.expectations)
      case 'partition':
        world.wires.partition(step.groups)
        break
      case 'heal':
        world.wires.heal()
        await world.quiet()
        await world.signHeads(true)
        break
      case 'stop':
        await world.stop(step.society)
        break
      case 'restart':
        if (this.#running(step.society) !== null) await world.stop(step.society)
        await world.start(step.society)
        break
      case 'converged':
        return this.#converged()
      case 'equivocate':
        return this.#equivocate(step)
    }
    await world.quiet()
    return ''
  }
}

/** Plays a scenario on a world of its own; stops at the first step that is not as it should be. */
export async function runScenario(
  scenario: Scenario,
  parts: RunParts,
): Promise<readonly StepResult[]> {
  const play = new Play(scenario, parts)
  const results: StepResult[] = []
  await play.begin()
  for (const step of scenario.steps) {
    const detail = await play.step(step)
    const ok = detail === ''
    results.push({ line: step.line, text: describe(step), ok, detail })
    if (!ok) break
  }
  await parts.after?.(play.world)
  return results
}
