import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { HistoryView, RecordView } from '../../src/index.ts'
import { ask } from './client.ts'
import type { Status } from './answers.ts'

/** What a society had at an instant. */
export type Point = {
  readonly time: number
  readonly atp: number
  readonly adp: number
  readonly wasted: number
}

/** Instants that the past is asked for: each costs the node a fold of the documents. */
const pointsMax = 24

const pointOf = (time: number, { atp, adp }: Pick<Status, 'atp' | 'adp'>): Point => ({
  time,
  atp: atp.available + atp.reserved + atp.escrowed + atp.lent,
  adp: adp.pool + adp.escrowed,
  wasted: atp.wasted,
})

/** The instants that tell most, those of records, evenly picked: little changes between them. */
function instantsOf(records: readonly RecordView[]): readonly number[] {
  const times = [...new Set(records.map(({ time }) => Date.parse(time)))].toSorted((a, b) => a - b)
  const step = Math.max(1, times.length / pointsMax)
  const picked = new Set<number>()
  for (let i = 0; i < times.length; i += step) picked.add(times[Math.floor(i)] ?? 0)
  const last = times.at(-1)
  if (last !== undefined) picked.add(last)
  return [...picked]
}

async function pastOf(society: string, take: (point: Point) => boolean): Promise<void> {
  const path = `/v1/records?society=${encodeURIComponent(society)}&document=pool&limit=1000`
  const records = await ask<readonly RecordView[]>('GET', path)
  if (!records.ok) return
  for (const time of instantsOf(records.value)) {
    const at = encodeURIComponent(new Date(time).toISOString())
    const id = encodeURIComponent(society)
    const answer = await ask<HistoryView>('GET', `/v1/societies/${id}/history?at=${at}`)
    if (!answer.ok) continue
    if (!take(pointOf(time, answer.value))) return
  }
}

/**
 * What the society had, from its first record to now: the past is asked for once, and whatever
 * happens from then on is added as it comes.
 */
export function usePast(status: Status): readonly Point[] {
  const past = useSignal<readonly Point[]>([])
  const since = useSignal<readonly Point[]>([])
  useEffect(() => {
    let isWanted = true
    void pastOf(status.id, (point) => {
      if (isWanted) past.value = [...past.value, point]
      return isWanted
    })
    return () => {
      isWanted = false
    }
  }, [status.id])
  const now = pointOf(Date.parse(status.time), status)
  useEffect(() => {
    since.value = [...since.value, now].slice(-500)
  }, [status.time])
  const begun = since.value[0]?.time ?? now.time
  return [...past.value.filter(({ time }) => time < begun), ...since.value]
}
