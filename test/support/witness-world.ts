import { readFile, writeFile } from 'node:fs/promises'
import { createConnection, type Socket } from 'node:net'
import { join } from 'node:path'
import { PassThrough, pipeline, type Transform } from 'node:stream'
import type { Code, RecordId } from '../../protocol/index.ts'
import { measureNow, type MeasureRequest } from '../../node/meters/meters.ts'
import { StreamSocket } from '../../node/network/stream-socket.ts'
import type { RunningNode, StartOptions } from '../../node/start.ts'
import { readExactly } from '../../node/witness/read-exactly.ts'
import { readAnswer } from '../../src/answer.ts'
import { Failure, protocols, type NodeEvent } from '../../src/index.ts'
import { encodeWitnessQuestion, type WitnessQuestion } from '../../src/witness/messages.ts'
import { eventually, makeNode, removeNode, runNode, type RealDirectory } from './real-node.ts'

/** Looks that are over within a test. */
export const quickLooks = { samples: 2, gapSeconds: 0.05 } as const

/** Real nodes of one open federation; the first is where the others begin. */
export class WitnessWorld {
  readonly #made: RealDirectory[] = []
  readonly #running: RunningNode[] = []

  /** Makes and starts a node with sections of `config.yaml` of its own. */
  async add(
    name: string,
    sections: object = {},
    options: Partial<StartOptions> = {},
  ): Promise<RunningNode> {
    const bootstrap = this.#running[0]?.network.addresses() ?? []
    const made = await makeNode(name, {
      adp: '100',
      bootstrap: bootstrap.slice(0, 1),
      sections: { witness: quickLooks, ...sections },
    })
    this.#made.push(made)
    const node = await runNode(made, options)
    this.#running.push(node)
    return node
  }

  /** Waits until all nodes hold the documents of all. */
  async meet(): Promise<void> {
    const documents = 2 * this.#running.length
    await eventually('all documents everywhere', () =>
      this.#running.every(({ replica }) => replica.documentHeads().length === documents),
    )
  }

  /** Closes the first node and starts it again with other sections of `config.yaml`. */
  async restartFirst(sections: object): Promise<RunningNode> {
    const [made] = this.#made
    const first = this.#running.shift()
    if (made === undefined || first === undefined) throw new RangeError('there is no node')
    await first.close()
    const path = join(made.directory, 'config.yaml')
    const config: object = JSON.parse(await readFile(path, 'utf8'))
    await writeFile(path, JSON.stringify({ ...config, ...sections }))
    const again = await runNode(made)
    this.#running.unshift(again)
    return again
  }

  /** Stops all nodes and removes what they wrote. */
  async end(): Promise<void> {
    await Promise.all(this.#running.map((node) => node.close()))
    await Promise.all(this.#made.map((made) => removeNode(made)))
  }
}

/** Has a node measure and prove a source, as its API does. */
export async function prove(
  { replica }: RunningNode,
  request: MeasureRequest,
  makers: readonly string[] = [],
): Promise<RecordId> {
  const measured = await measureNow(request, { now: Date.now, tls: { makers } }, 10_000)
  return replica.prove(measured)
}

/** Data of the next event of a type about a proof at a node, those before included. */
export async function eventAbout(
  { replica }: RunningNode,
  type: string,
  proof: RecordId,
): Promise<NodeEvent['data']> {
  const find = (): NodeEvent | undefined =>
    replica.events
      .after(0)
      .events.find((event) => event.type === type && event.data['proof'] === proof)
  await eventually(`${type} of ${proof}`, () => find() !== undefined)
  return find()?.data ?? {}
}

/** Level of a society's one source as a node sees it. */
export function levelSeen(viewer: RunningNode, prover: RunningNode): number {
  const { sources } = viewer.replica.society(prover.replica.self).energy
  return Object.values(sources)[0]?.assurance ?? -1
}

/** Has a node lead every tunnel somewhere else: what a claimant in the middle may do. */
export async function misleadTunnels(
  { network }: RunningNode,
  lead: (witness: Socket) => void,
): Promise<void> {
  await network.libp2p.unhandle(protocols.tunnel)
  await network.libp2p.handle(protocols.tunnel, async (stream) => {
    const witness = new StreamSocket(stream)
    witness.on('error', () => undefined)
    await readExactly(witness, 34, 5_000)
    witness.write(Uint8Array.of(1))
    lead(witness)
  })
}

/** Passes bytes between a witness and a port of loopback, those of the device altered. */
export function passTo(
  port: number,
  alter: () => Transform = () => new PassThrough(),
): (witness: Socket) => void {
  return (witness) => {
    const device = createConnection({ host: '127.0.0.1', port })
    const ended = (): void => undefined
    pipeline(witness, device, ended)
    pipeline(device, alter(), witness, ended)
  }
}

/** What a node answers to a question of another about witnessing: the code it refuses with. */
export async function refusalOf(
  asker: RunningNode,
  witness: RunningNode,
  question: WitnessQuestion,
): Promise<Code | 'given'> {
  const body = encodeWitnessQuestion(question)
  const answer = await asker.network.request(witness.network.self, protocols.measure, body)
  const read = readAnswer(answer, 'it')
  return read instanceof Failure ? read.code : 'given'
}
