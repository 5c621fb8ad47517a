export { httpDirectory } from './adapters/httpDirectory.ts'
export { httpEvidence } from './adapters/httpEvidence.ts'
export { systemClock } from './adapters/systemClock.ts'
export { connectChannelChain, type ViemChannelChainOptions } from './adapters/viemChannelChain.ts'
export type {
  Buyer,
  BuyerBalance,
  BuyerEvent,
  BuyerHealth,
  BuyerIdentity,
  BuyerModel,
  BuyerPart,
  BuyerQuote,
  BuyerResult,
  BuyOptions,
  ChannelView,
  ModelChoice,
  PartHealth,
  StreamMode,
} from './buyer.ts'
export { defaultPolicy, exposureCapWei, type PursePolicy } from './channels/policy.ts'
export { type BuyerOptions, createBuyer } from './createBuyer.ts'
export type { ChannelCall, ChannelChain, ChannelState } from './ports/channelChain.ts'
export type { Clock } from './ports/clock.ts'
export type { Directory } from './ports/directory.ts'
export { type Observe, type Stage, stages } from './ports/observe.ts'
export type { ChannelRecord, PurseStore, StreamRecord } from './ports/purseStore.ts'
export type { EventOpener, SealedRequest, Sealer } from './ports/sealer.ts'
export type { VoucherKey } from './ports/voucherKey.ts'
export { defaultWeights, type RankWeights } from './routing/rank.ts'
export { defaultSettings, type StreamSettings } from './streams/settings.ts'
export { type StreamRoute, streamRoutes } from './streams/way.ts'
