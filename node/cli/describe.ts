import type { Society, Status } from '../client/index.ts'
import { columns, indented, short, shortRecords, toRight, unit, type Column } from './text.ts'

type Row = readonly string[]

function sourceRows(view: Society): readonly Row[] {
  return Object.entries(view.energy.sources).map(([id, source]) => [
    id,
    unit(source.capacity, 'W'),
    unit(source.occupied, 'W'),
    String(source.assurance),
    source.state + (source.simulated ? ', simulated' : ''),
    source.staleAt,
  ])
}

const section = (
  title: string,
  header: readonly Column[],
  rows: readonly Row[],
): readonly string[] => (rows.length === 0 ? [] : [`\n${title}`, indented(columns(rows, header))])

/** A society's state for people. */
export function describeSociety(view: Society): string {
  const { atp, adp, energy, work, bond, vouches } = view
  const standing = view.standing === 'good' ? 'good' : `${view.standing}: deal no further with it`
  const bondWords = `${bond.state}, ${unit(bond.capacity, 'W')} until ${bond.until}`
  const facts = columns([
    ['society', view.name],
    ['id', view.id],
    ['federation', view.federation ?? 'none yet'],
    ['parent', view.parent ?? 'none'],
    ...(view.children.length === 0 ? [] : [['children', view.children.map(short).join(', ')]]),
    ['capacity', unit(energy.capacity, 'W')],
    ['ATP', `${atp.available} available, ${atp.reserved} reserved, ${atp.escrowed} in escrow`],
    ['', `${atp.lent} lent, ${atp.borrowed} borrowed, ${atp.wasted} wasted`],
    ['ADP', `${adp.pool} in the pool, ${adp.escrowed} in escrow`],
    ['supply', `${view.supply} ATP and ADP`],
    ['work', `${work.active} active, ${work.completed} completed, ${work.failed} failed`],
    ['queue', `${work.queued} waiting`],
    ['reputation', String(view.reputation)],
    ['bond', bond.until === null ? 'none' : bondWords],
    ['vouches', `${vouches.given} given, ${vouches.received} received`],
    ['standing', standing],
  ])
  const sourceHeader = [
    'SOURCE',
    toRight('CAPACITY'),
    toRight('OCCUPIED'),
    toRight('LEVEL'),
    'STATE',
    'STALE AT',
  ]
  const batches = atp.batches.map(({ id, amount, source, expiresAt }) => [
    short(id),
    unit(amount, 'ATP'),
    source,
    expiresAt,
  ])
  const alerts = view.alerts.map(({ kind, amount, source, age }) => [
    kind,
    unit(amount, 'ATP'),
    source,
    `${age} old`,
  ])
  const flags = view.flags.map(({ name, severity, evidence }) => [
    name,
    String(severity),
    shortRecords(evidence),
  ])
  return [
    facts,
    ...section('sources', sourceHeader, sourceRows(view)),
    ...section('available, in the order it is spent', batchHeader, batches),
    ...section('flags', ['DETECTOR', toRight('SEVERITY'), 'RECORDS'], flags),
    ...section('alerts', ['KIND', toRight('AMOUNT'), 'SOURCE', 'AGE'], alerts),
  ].join('\n')
}

const batchHeader: readonly Column[] = ['BATCH', toRight('AMOUNT'), 'SOURCE', 'EXPIRES AT']

/** A node's state for people, below its society's. */
export function describeStatus(status: Status): string {
  const { health, heads } = status
  const reasons = health.reasons.map(({ code, message }) => ['', `${code}: ${message}`])
  const node = columns([
    ['node', `${status.api}, version ${status.version}, since ${status.startedAt}`],
    ...status.addresses.map((address, i) => [i === 0 ? 'addresses' : '', address]),
    ['peers', `${status.peers} connected`],
    ['health', `${health.state}; ${health.jobs} to be done, ${health.waiting} waiting`],
    ...reasons,
  ])
  const documents = heads.map(({ name, kind, seq, hash, state }) => [
    `${name}/${kind}`,
    String(seq),
    hash.slice(0, 12),
    state.slice(0, 12),
  ])
  return [
    describeSociety(status),
    `\n${node}`,
    ...section('documents', ['DOCUMENT', toRight('CHANGES'), 'HEAD', 'STATE'], documents),
  ].join('\n')
}
