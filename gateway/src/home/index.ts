// What runs a gateway: needs Node. The buyer alone, which does not, is the package's main entry.
export { connectCreditChain } from '../adapters/viemCreditChain.ts'
export type { CreditChain, TransferFate } from '../credit/creditChain.ts'
export type { CreditBalance, CreditStore, KeyRecord, TransferRecord } from '../credit/creditStore.ts'
export { createKey, listKeys, revokeKey } from '../credit/keys.ts'
export { readCredit } from '../credit/readCredit.ts'
export { payOut, type TransferParts, tendCredit, topUp } from '../credit/transfers.ts'
export {
  type AnswerFacts,
  type Caller,
  type Defaults,
  defaultTimes,
  type Gateway,
  type Hold,
  type RedundantRunner,
  type Till,
  type Times,
} from '../gateway.ts'
export { type Guarantee, guarantees, type MenuMode, menuModes } from '../menu/guarantees.ts'
export { createOpenAiRouter } from '../openai/router.ts'
export { createHostedGateway, type HostedGateway, type HostedGatewayOptions } from './hostedGateway.ts'
export { type LocalGateway, type LocalGatewayOptions, startLocalGateway } from './startLocalGateway.ts'
