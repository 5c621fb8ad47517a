import { channelIdOf, configOf } from './channels.ts'
import { ethers, type World } from './mesh.ts'
import { HONEST, WRONG } from './redundant.ts'
import { signReceipt } from './settling.ts'
import { type ChannelConfig, digestOf, type Receipt } from './typedData.ts'

/** One request on a channel, see Stream.sol. */
export interface Stream {
  channelId: string
  requestHash: string
  policy: string
  mode: number
  requestWei: bigint
  promptTokenWei: bigint
  tokenWei: bigint
  nonce: bigint
  expiresAt: number
}

/** A stream on the requester's channel with provider 1, whether or not that was ever opened. */
export function streamOf(world: World, config: ChannelConfig, changes: Partial<Stream> = {}): Stream {
  return {
    channelId: channelIdOf(world, config),
    requestHash: ethers.id('request'),
    policy: ethers.id('policy'),
    mode: 0,
    requestWei: 1n,
    promptTokenWei: 2n,
    tokenWei: 3n,
    nonce: 4n,
    expiresAt: 2 ** 40 - 1,
    ...changes,
  }
}

type Contradiction = [ChannelConfig, Stream, Receipt, string, Receipt, string]

/** Two receipts of provider 1 with different outputs for one stream; `changes` go into the second. */
export async function streamContradiction(
  world: World,
  changes: Partial<Receipt> = {},
): Promise<Contradiction> {
  const config = configOf(world)
  const stream = streamOf(world, config)
  const first: Receipt = {
    jobId: digestOf(world.domain, 'Stream', stream),
    providerId: 1,
    outputHash: HONEST,
    assignmentHash: ethers.ZeroHash,
    amountWei: 9n,
    promptTokens: 1,
    completionTokens: 2,
    startedAt: 1,
    finishedAt: 2,
  }
  const second = { ...first, outputHash: WRONG, ...changes }
  return [config, stream, first, await signReceipt(world, first), second, await signReceipt(world, second)]
}
