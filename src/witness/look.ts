import {
  fromMilli,
  parseSourceId,
  pathLevelMax,
  witnessedLevel,
  type Code,
  type Draw,
  type RecordId,
  type Recorded,
  type SocietyKey,
  type WitnessPath,
} from '../../protocol/index.ts'
import type { Transcripts } from '../claims/transcripts.ts'
import type { Doubts } from '../energy/doubts.ts'
import { Failure } from '../failure.ts'
import { historyReadMax, sampleRetryMs } from '../limits.ts'
import type { Claimed, Clock, Examiner, Sight } from '../ports.ts'
import { judgeSights, type Claim, type Counted, type Judgement } from './judge.ts'
import { receiptsMethod } from '../work/receipts.ts'
import { countedBySamples, ownTranscript } from './own-transcript.ts'
import type { ReceiptsLook } from './receipts-look.ts'

/** How many samples a look takes, and how far apart in ms. */
export type LookPlan = { readonly samples: number; readonly gapMs: number }

/** What looking needs of the node. */
export type LookParts = {
  readonly self: SocietyKey
  readonly examiner: Examiner
  readonly clock: Clock
  readonly transcripts: Transcripts
  readonly plan: LookPlan
  /** What physics says of proofs. */
  readonly doubts: Doubts
  /** Asks the claimant's node to measure again, where no way leads to the device. */
  readonly askAgain: (claimed: Claimed, nonce: string) => Promise<Sight>
  /** Looks at work by hand, which is in ledgers. */
  readonly receipts: Pick<ReceiptsLook, 'look'>
}

/** What a look came to: the witness's word, and the transcript that shows it. */
export type LookResult = Judgement & {
  readonly path: WitnessPath
  readonly samples: number
  readonly transcript: Uint8Array
}

const pause = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => {
    clock.after(ms, resolve)
  })

/** What a proof that is to be looked at says. */
function claimOf(proof: Recorded, claimed: Claimed, examiner: Examiner): Claim {
  const { outcome } = proof
  if (outcome?.type !== 'proof') throw new TypeError('only proofs are looked at')
  const parts = parseSourceId(outcome.source)
  if ('code' in parts) throw new TypeError('a valid proof has a source id')
  return {
    source: outcome.source,
    type: parts.type,
    capacityWatts: fromMilli(outcome.capacity),
    measuredAt: outcome.measuredAt,
    countedWattHours: examiner.countedIn(claimed.transcript),
  }
}

async function sample({ examiner, askAgain }: LookParts, claimed: Claimed, nonce: string) {
  return examiner.canReach(claimed.method) ? examiner.look(claimed) : askAgain(claimed, nonce)
}

/** What may be over in a moment. */
const passing: ReadonlySet<Code> = new Set(['source-unavailable', 'peer-unavailable'])

/** One sample, taken once more where the device did not answer: it may have had another client. */
async function patientSample(parts: LookParts, claimed: Claimed, nonce: string): Promise<Sight> {
  try {
    return await sample(parts, claimed, nonce)
  } catch (error) {
    if (!(error instanceof Failure) || !passing.has(error.code)) throw error
    await pause(parts.clock, sampleRetryMs)
    return sample(parts, claimed, nonce)
  }
}

/**
 * The counter's readings that the claimant or this society signed for before, oldest first, thinned
 * out evenly; others could claim the source only to spoil its history.
 */
async function historyOf(
  { transcripts, examiner, self }: LookParts,
  prover: SocietyKey,
  { source, proof }: Claimed,
): Promise<readonly Counted[]> {
  const entries = (await transcripts.of(source)).filter(
    ({ by, of }) => (by === prover || by === self) && of !== proof,
  )
  const every = Math.ceil(entries.length / historyReadMax)
  const history: Counted[] = []
  for (const { record, at } of entries.filter((_, i) => i % every === 0)) {
    const bytes = await transcripts.read(record)
    if (bytes === undefined) continue
    const wattHours = examiner.countedIn(bytes) ?? countedBySamples(bytes)
    if (wattHours !== undefined) history.push({ at, wattHours })
  }
  return history
}

function worstPath(sights: readonly Sight[]): WitnessPath {
  const paths = sights.map(({ path }) => path)
  return paths.reduce((worst, path) => (pathLevelMax[path] < pathLevelMax[worst] ? path : worst))
}

/** What physics makes of a look that found nothing else to say against the proof. */
async function doubted(
  { doubts }: LookParts,
  proof: RecordId,
  sights: readonly Sight[],
  judged: Judgement,
): Promise<Judgement> {
  const looks = sights.map(({ measurement }) => measurement)
  const doubt = judged.verdict ? await doubts.ofLook(proof, looks) : null
  if (doubt === null) return judged
  return { verdict: false, level: Math.min(witnessedLevel, judged.level), reason: doubt.message }
}

function resultOf(
  proof: RecordId,
  nonce: string,
  sights: readonly Sight[],
  judgement: Judgement,
): LookResult {
  const transcript = ownTranscript(proof, nonce, sights, judgement)
  return { ...judgement, path: worstPath(sights), samples: sights.length, transcript }
}

/**
 * Looks at the source of a proof as its witness: samples some time apart under one nonce, judged
 * against the proof. Fails where the source cannot be seen: that is no word against it.
 */
export async function lookAt(
  parts: LookParts,
  proof: Recorded,
  claimed: Claimed,
): Promise<LookResult> {
  const { examiner, clock, plan } = parts
  const nonce = examiner.nonce()
  if (claimed.method === receiptsMethod) {
    const { sight, judgement } = await parts.receipts.look(proof, claimed, nonce)
    return resultOf(claimed.proof, nonce, [sight], judgement)
  }
  const sights: Sight[] = []
  for (let taken = 0; taken < plan.samples; taken++) {
    if (taken > 0) await pause(clock, plan.gapMs)
    sights.push(await patientSample(parts, claimed, nonce))
  }
  const history = await historyOf(parts, proof.author, claimed)
  const judged = judgeSights(claimOf(proof, claimed, examiner), sights, history)
  const judgement = await doubted(parts, proof.id, sights, judged)
  return resultOf(claimed.proof, nonce, sights, judgement)
}

/** What `energy.attest` is given for a look; `digest` is the transcript's SHA-256 in hex. */
export function attestationOf(
  proof: RecordId,
  { verdict, level, samples, path }: LookResult,
  draw: Draw | null,
  digest: string,
): Readonly<Record<string, unknown>> {
  const drawn = draw === null ? {} : { drawnBy: draw.by, draw: draw.signature }
  return { proof, verdict, level, samples, path, evidence: digest, ...drawn }
}
