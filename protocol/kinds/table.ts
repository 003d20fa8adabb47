import { allocationGrant } from './allocation-grant.ts'
import { allocationReturn } from './allocation-return.ts'
import { allocationRevoke } from './allocation-revoke.ts'
import { allocationTake } from './allocation-take.ts'
import { atpCharge } from './atp-charge.ts'
import { bondAbandon } from './bond-abandon.ts'
import { bondCommit } from './bond-commit.ts'
import { bondFulfil } from './bond-fulfil.ts'
import { citizenshipAdmit } from './citizenship-admit.ts'
import { citizenshipApply } from './citizenship-apply.ts'
import { citizenshipLeave } from './citizenship-leave.ts'
import { energyAttest } from './energy-attest.ts'
import { energyEvidence } from './energy-evidence.ts'
import { energyProve } from './energy-prove.ts'
import { energyRetire } from './energy-retire.ts'
import { equivocationReport } from './equivocation-report.ts'
import { federationAdmit } from './federation-admit.ts'
import { federationJoin } from './federation-join.ts'
import type { RecordKind } from './kind.ts'
import { nodeCertify } from './node-certify.ts'
import { poolOpen } from './pool-open.ts'
import { societyAmend } from './society-amend.ts'
import { societyCheckpoint } from './society-checkpoint.ts'
import { societyFound } from './society-found.ts'
import { tradeAccept } from './trade-accept.ts'
import { tradeCancel } from './trade-cancel.ts'
import { tradeClaim } from './trade-claim.ts'
import { tradeDecline } from './trade-decline.ts'
import { tradeOffer } from './trade-offer.ts'
import { tradeSettle } from './trade-settle.ts'
import { trustObserve } from './trust-observe.ts'
import { vouchAccept } from './vouch-accept.ts'
import { vouchGive } from './vouch-give.ts'
import { workAllocate } from './work-allocate.ts'
import { workComplete } from './work-complete.ts'
import { workFail } from './work-fail.ts'
import { workRequest } from './work-request.ts'

/** Every kind of record by its name. */
export const recordKinds: ReadonlyMap<string, RecordKind> = new Map(
  [
    societyFound,
    societyAmend,
    societyCheckpoint,
    poolOpen,
    nodeCertify,
    federationJoin,
    federationAdmit,
    equivocationReport,
    energyProve,
    energyEvidence,
    energyAttest,
    energyRetire,
    atpCharge,
    workRequest,
    workAllocate,
    workComplete,
    workFail,
    citizenshipApply,
    citizenshipAdmit,
    citizenshipLeave,
    allocationGrant,
    allocationTake,
    allocationReturn,
    allocationRevoke,
    tradeOffer,
    tradeAccept,
    tradeSettle,
    tradeDecline,
    tradeCancel,
    tradeClaim,
    bondCommit,
    bondFulfil,
    bondAbandon,
    vouchGive,
    vouchAccept,
    trustObserve,
  ].map((kind) => [kind.kind, kind]),
)
