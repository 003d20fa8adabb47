import { describe, expect, test } from 'vitest'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { World } from '../../node/simulate/world.ts'
import type { RecordId } from '../../protocol/index.ts'
import type { Examiner, Measurement } from '../../src/index.ts'
import { silentLog } from '../../node/silent-log.ts'

const minute = 60_000
const hour = 60 * minute
const noon = Date.UTC(2026, 5, 21, 12)
const source = 'solar:test:panel'

/** A panel in a simulated world, and nodes that look at it directly. */
class Panel {
  world: World
  /** W that it gives, and Wh that it counted until some instant. */
  watts = 3_000
  wattHours = 100_000
  countedUntil = noon

  constructor() {
    const nonce = (): string => '00'.repeat(16)
    const examiner: Examiner = {
      canReach: (method) => method === 'panel',
      nonce,
      look: async () => ({ path: 'direct', measurement: this.measure() }),
      countedIn: (transcript) => {
        const { counted } = JSON.parse(new TextDecoder().decode(transcript)) as { counted?: number }
        return counted
      },
    }
    this.world = new World({
      startMs: noon,
      seed: 1,
      verifier: createVerifier(),
      log: silentLog,
      localSigners: new Map(),
      witness: { examiner, looks: true, asks: true, plan: { samples: 2, gapMs: minute } },
    })
  }

  measure(): Measurement {
    const now = this.world.clock.now()
    this.wattHours += Math.floor((this.watts * (now - this.countedUntil)) / hour)
    this.countedUntil = now
    return {
      source,
      fields: { rated: 5_000, output: this.watts, site: '48.2,16.4' },
      measuredAt: now,
      method: 'panel',
      transcript: new TextEncoder().encode(JSON.stringify({ now, counted: this.wattHours })),
      simulated: false,
      readings: { counterWattHours: this.wattHours },
    }
  }

  async add(...names: readonly string[]): Promise<void> {
    for (const name of names) {
      const policy = { admission: 'open' }
      const founding = { name, federation: 'test-panel', adp: 0, policy, witnesses: [] }
      await this.world.add(name, founding, false)
    }
  }

  prove(): Promise<RecordId> {
    return this.world.settled(this.world.replica('sage').prove(this.measure()))
  }

  level(viewer: string): number | undefined {
    const { key } = this.world.resident('sage')
    return this.world.replica(viewer).society(key).energy.sources[source]?.assurance
  }

  /** What nodes said when they looked. */
  said(by: string): readonly Readonly<Record<string, unknown>>[] {
    const { events } = this.world.replica(by).events.after(0)
    return events.flatMap(({ type, data }) => (type === 'witness-looked' ? [data] : []))
  }
}

describe('a proof in a simulated world', () => {
  test('is witnessed by itself', async () => {
    const panel = new Panel()
    await panel.add('sage', 'oak', 'elm')
    await panel.prove()
    await panel.world.advance(5 * minute)
    expect(panel.level('elm')).toBe(2)
    expect(panel.said('oak')).toMatchObject([{ verdict: true, level: 2, path: 'direct' }])
  })

  test('is at level 3 once its counter has a history of seven days', async () => {
    const panel = new Panel()
    await panel.add('sage', 'oak', 'elm')
    await panel.prove()
    panel.watts = 1_000
    for (let day = 1; day <= 6; day++) {
      await panel.world.advance(24 * hour)
      panel.measure()
    }
    await panel.prove()
    await panel.world.advance(5 * minute)
    expect(panel.level('elm')).toBe(2)
    await panel.world.advance(25 * hour)
    await panel.prove()
    await panel.world.advance(5 * minute)
    expect(panel.level('elm')).toBe(3)
  })

  test('is refuted where physics forbids what is seen: no sun at night', async () => {
    const panel = new Panel()
    await panel.add('sage', 'oak', 'elm')
    await panel.world.stop('oak')
    await panel.world.stop('elm')
    await panel.prove()
    await panel.world.advance(12 * hour)
    await panel.world.start('oak')
    await panel.world.start('elm')
    await panel.world.advance(5 * minute)
    expect(panel.said('oak')).toMatchObject([{ verdict: false }])
    expect(String(panel.said('oak')[0]?.['reason'])).toContain('when the sun is down')
    expect(panel.level('elm')).toBe(1)
  })

  test('is not witnessed any more a day after it was measured', async () => {
    const panel = new Panel()
    await panel.add('sage', 'oak', 'elm')
    await panel.world.stop('oak')
    await panel.world.stop('elm')
    await panel.prove()
    await panel.world.advance(25 * hour)
    await panel.world.start('oak')
    await panel.world.start('elm')
    await panel.world.advance(5 * hour)
    expect([...panel.said('oak'), ...panel.said('elm')]).toEqual([])
  })

  test('finds the next witnesses where the first are off', async () => {
    const panel = new Panel()
    await panel.add('sage', 'oak', 'elm', 'ash', 'fir')
    await panel.world.stop('oak')
    await panel.world.stop('ash')
    await panel.prove()
    await panel.world.advance(5 * minute)
    expect(panel.level('elm')).toBe(2)
  })

  test('has its witnesses drawn by lot in a federation of ten', async () => {
    const panel = new Panel()
    const others = ['oak', 'elm', 'ash', 'fir', 'bay', 'yew', 'hop', 'ivy', 'fig']
    await panel.add('sage', ...others)
    const proof = await panel.prove()
    await panel.world.advance(5 * minute)
    expect(panel.level('elm')).toBe(2)
    const looked = others.filter((name) => panel.said(name).length > 0)
    expect(looked).toHaveLength(2)
    const { chosen } = await panel.world.replica('sage').witnessing.choice(proof, null)
    expect(chosen).toEqual([])
  })
})
