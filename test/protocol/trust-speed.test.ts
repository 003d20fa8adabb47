import { expect, test } from 'vitest'
import type { Edge, SocietyKey, TrustGraph } from '../../protocol/index.ts'
import { explainTrust } from '../../protocol/index.ts'
import { keyNumbered, TrustWorld } from '../support/trust-world.ts'

const societies = 10_000
const edges = 100_000
const pairs = 300

/** Counts how often edges of a society are asked for: the work that grows with a graph. */
class Counted extends TrustWorld {
  asked = 0

  override edgesFrom(observer: SocietyKey): ReadonlyMap<SocietyKey, Edge> {
    this.asked += 1
    return super.edgesFrom(observer)
  }
}

/** The same graph every time; two of three edges begin or end at a hundred well-known societies. */
function generated(): Counted {
  const world = new Counted()
  let seed = 1
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((seed / 2 ** 32) * below)
  }
  for (let i = 0; i < edges; i++) {
    const from = random(i % 3 === 0 ? 100 : societies)
    const to = random(i % 3 === 1 ? 100 : societies)
    if (from !== to) world.observe(keyNumbered(from), keyNumbered(to), random(5) > 0, 30)
  }
  return world
}

/** The value that a part of all values is below. */
const quantile = (values: readonly number[], part: number): string =>
  ([...values].sort((a, b) => a - b)[Math.floor(values.length * part)] as number).toFixed(3)

test('one pair among 10,000 societies and 100,000 edges', () => {
  const world = generated()
  const graph: TrustGraph = world
  const times: number[] = []
  let found = 0
  for (let i = 0; i < pairs; i++) {
    // A third begins at one of the well-known, a third ends there.
    const observer = keyNumbered(i % 3 === 0 ? i % 100 : 100 + i * 31)
    const subject = keyNumbered(i % 3 === 1 ? (i * 7) % 100 : 100 + i * 29)
    world.asked = 0
    const begin = performance.now()
    const { paths } = explainTrust(graph, observer, subject, world.now)
    // The first ones warm the program up.
    if (i >= pairs / 10) times.push(performance.now() - begin)
    found += paths.length
    // Direct neighbours and what the explanation names, never the whole graph.
    expect(world.asked).toBeLessThan(world.edgesFrom(observer).size + 60)
  }
  expect(found).toBeGreaterThan(pairs)
  const [half, most] = [quantile(times, 0.5), quantile(times, 0.99)]
  process.stdout.write(`trust of one pair: half within ${half} ms, 99 of 100 within ${most} ms\n`)
})
