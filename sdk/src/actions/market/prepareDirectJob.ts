import {
  DuckMeshError,
  hashCanonical,
  jobKinds,
  leastBondWei,
  type Order,
  type ProviderId,
  verificationModes,
} from '@duckmesh/protocol'
import { chainNowSeconds } from '../../chain/chainTime.ts'
import { type ClientContext, walletOf } from '../../clients/clientContext.ts'
import { type InferenceParameters, inferenceRequestOf, type PreparedJob, signOrder } from './prepareJob.ts'
import { resolveModel } from './resolveModel.ts'

/** A job for one provider on the on-chain lane. */
export type DirectJobParameters = InferenceParameters & {
  providerId: ProviderId
  /** Base URL of the provider's node. @default what the coordinator or the chain has for it */
  endpoint?: string | undefined
  /** Price in DUCK wei. @default the least price of the model */
  priceWei?: bigint | undefined
  /**
   * Bond of the provider in DUCK wei; without one a result cannot be disputed. Half of it pays those who run a disputed
   * job again.
   * @default the price, or the least that pays three seats of the model if that is more
   */
  bondWei?: bigint | undefined
  /** Time for the provider to accept, seconds. @default 120 */
  acceptWithinSeconds?: number | undefined
  /** Time to submit after accepting, seconds. @default 60 */
  execWindowSeconds?: number | undefined
  /** Time to dispute after submission, seconds. @default 60 */
  disputeWindowSeconds?: number | undefined
  /** Unused number of this account. @default one that was never used */
  nonce?: bigint | undefined
}

/**
 * Builds and signs the order of an on-chain lane job for one provider, without sending it anywhere.
 * @throws DuckMeshError `BAD_REQUEST`, `UNKNOWN_MODEL`, `NO_PROVIDERS`, `SERVICE_UNAVAILABLE`
 */
export async function prepareDirectJob(
  context: ClientContext,
  parameters: DirectJobParameters,
): Promise<PreparedJob> {
  const {
    providerId,
    acceptWithinSeconds = 120,
    execWindowSeconds = 60,
    disputeWindowSeconds = 60,
  } = parameters
  const request = inferenceRequestOf(parameters)
  const [{ models }, { providers }] = await Promise.all([
    context.coordinator.models(),
    context.coordinator.providers(),
  ])
  const provider = providers.find((candidate) => candidate.providerId === providerId)
  if (!provider) {
    const message = `There is no provider ${providerId}.`
    throw new DuckMeshError('NO_PROVIDERS', message, { providerId, skipped: [] })
  }
  const served = models.filter(({ policy }) => provider.policies.includes(policy))
  const model = resolveModel(served, parameters.model, 1)
  const priceWei = parameters.priceWei ?? model.minPriceWei
  const leastWei = leastBondWei(model.minPriceWei)
  const order: Order = {
    requester: walletOf(context).account.address,
    coordinator: context.info.address,
    providerId,
    kind: jobKinds.inference,
    mode: verificationModes.signed,
    seats: 1,
    priceWei,
    bondWei: parameters.bondWei ?? (priceWei > leastWei ? priceWei : leastWei),
    modelId: model.modelId,
    inputHash: hashCanonical(request),
    policy: model.policy,
    nonce: parameters.nonce ?? context.nonces(),
    acceptBy: (await chainNowSeconds(context)) + acceptWithinSeconds,
    execWindow: execWindowSeconds,
    disputeWindow: disputeWindowSeconds,
  }
  return { ...(await signOrder(context, order)), request }
}
