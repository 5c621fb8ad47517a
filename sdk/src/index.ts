export { DuckMeshError, formatDuck, parseDuck } from '@duckmesh/protocol'
export type { AnchorOnChain } from './actions/evidence/inclusion.ts'
export type { CheckedEvidence, VerifiedEvidence } from './actions/evidence/verifyEvidence.ts'
export type { CheckedWindow, VerifiedSla } from './actions/evidence/verifySla.ts'
export type { DepositResult } from './actions/ledger/deposit.ts'
export type { Balance } from './actions/ledger/getBalance.ts'
export type { AccountChannel } from './actions/ledger/getChannels.ts'
export type { Conservation } from './actions/ledger/getConservation.ts'
export type { OpenDispute } from './actions/market/disputeJob.ts'
export type { DirectJobParameters } from './actions/market/prepareDirectJob.ts'
export type { InferenceParameters, PreparedJob, SubmitJobParameters } from './actions/market/prepareJob.ts'
export type { RanJob, RunJobParameters } from './actions/market/runJob.ts'
export {
  type AttemptEnd,
  createMemoryRunStore,
  parseRunRecord,
  type RunAttempt,
  type RunRecord,
  type RunStore,
} from './actions/market/runStore.ts'
export type { DirectJob } from './actions/market/submitDirectJob.ts'
export type { DirectAnswer } from './actions/market/waitForDirectResult.ts'
export type { DisputeResult } from './actions/market/waitForDispute.ts'
export type { JobAnswer, WaitForResultParameters } from './actions/market/waitForResult.ts'
export type {
  HiddenModel,
  ModelRegistration,
  RegisteredModel,
  RegisterHiddenParameters,
  RegisterModelParameters,
} from './actions/proving/modelTypes.ts'
export type { PreparedTask, TaskParameters, TaskSecret } from './actions/proving/prepareTask.ts'
export type { ProvenTask, WaitForProofParameters } from './actions/proving/proveTask.ts'
export type { Check } from './actions/verification/check.ts'
export type { JobEvidence, RoundEvidence } from './actions/verification/jobEvidence.ts'
export { checkEvidence, type JobAudit } from './actions/verification/verifyJob.ts'
export type { VerifyReceiptParameters } from './actions/verification/verifyReceipt.ts'
export type { AnchoredRound, DisputeOnChain, JobOnChain } from './chain/jobOnChain.ts'
export type { ClientContext } from './clients/clientContext.ts'
export type { ConnectParameters } from './clients/connect.ts'
export { DuckMeshClient } from './clients/DuckMeshClient.ts'
export type { EvidenceClient } from './clients/EvidenceClient.ts'
export { balanceQueryOptions } from './query/balanceQueryOptions.ts'
export { jobQueryOptions } from './query/jobQueryOptions.ts'
export { modelsQueryOptions } from './query/modelsQueryOptions.ts'
export { providersQueryOptions } from './query/providersQueryOptions.ts'
export { CoordinatorClient, type CoordinatorClientOptions } from './transport/coordinatorClient.ts'
export type { JobEventsParameters } from './transport/events.ts'
export type { Fetch } from './transport/requestJson.ts'
