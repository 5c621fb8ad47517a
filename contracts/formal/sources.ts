import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../../')
const record = join(import.meta.dirname, 'sources.json')

/** Functions of contracts/src that move money, with the functions of the models that say the same. */
const modelled: Record<string, Record<string, string>> = {
  'ledger/Ledger.sol': { deposit: 'LedgerModel.deposit', withdraw: 'LedgerModel.withdraw' },
  'ledger/LedgerStore.sol': {
    _credit: 'every `_free +=`',
    _debit: 'LedgerModel._debit, SettleModel._debit',
    _setFree: 'SettleModel.closePurse',
    _burn: 'every `_balance -=` of a burn',
    _pull: 'LedgerModel.deposit',
    _creditDeposit: 'LedgerModel.deposit',
  },
  'libraries/Shares.sol': { feeDown: 'FeeProof, imported', burnedUp: 'HalfProof, imported' },
  'governance/MeshTerms.sol': {
    adoptTerms: 'LedgerModel.adoptTerms',
    collectFees: 'LedgerModel.collect',
    _collect: 'LedgerModel.collect',
  },
  'staking/ProviderRegistry.sol': {
    registerProvider: 'RegistryModel.stake, LedgerModel (the treasury owns no provider)',
    stake: 'RegistryModel.stake',
    startUnstake: 'RegistryModel.startUnstake',
    cancelUnstake: 'RegistryModel.cancelUnstake',
    finishUnstake: 'RegistryModel.finishUnstake',
    _addStake: 'RegistryModel.stake',
    _takeUnstaking: 'RegistryModel.finishUnstake',
  },
  'staking/ProviderStore.sol': {
    _lockBond: 'RegistryModel.lockBond',
    _unlockBond: 'RegistryModel.unlockBond',
    _payProvider: 'RegistryModel.unlockBond, LedgerModel.earn',
    _earn: 'LedgerModel.earn',
    _slash: 'RegistryModel.slash',
    _takeFreeStake: 'RegistryModel.takeFreeStake',
    _earnedOf: 'SettleModel.settleItem',
    _takeEarned: 'LedgerModel._move',
    _moveEarned: 'LedgerModel._move, SettleModel._move',
  },
  'staking/KeyLiability.sol': {
    _burnKeys: 'RegistryModel.takeFreeStake',
    _divide: 'BondProof.isSplitWhole',
  },
  'market/JobStore.sol': {
    _enter: 'LaneModel.postJob, RedundantModel.enter',
    _activate: 'LaneModel.acceptJob, takeOverJob',
    _finalize: 'LaneModel._finalize',
  },
  'market/JobMarket.sol': {
    postJob: 'LaneModel.postJob',
    acceptJob: 'LaneModel.acceptJob',
    submitResult: 'LaneModel.submitResult',
    finalizeJob: 'LaneModel.finalizeJob',
  },
  'market/JobClosing.sol': {
    cancelJob: 'LaneModel.refund',
    expireJob: 'LaneModel.refund, RedundantModel.expire',
    _closeUnverifiable: 'LaneModel.closeUnverifiable',
    _failLate: 'LaneModel.failLate',
  },
  'market/JobTakeover.sol': {
    takeOverJob: 'LaneModel.takeOverJob, BondProof.isSplitWhole',
  },
  'market/VerifiedMode.sol': {
    submitProof: 'LaneModel.submitProof',
    settleProof: 'SettleModel.settle',
  },
  'market/Disputes.sol': { disputeJob: 'LaneModel.disputeJob' },
  'market/DisputeStore.sol': {
    _closeUndecided: 'LaneModel.closeUndecided, DisputeModel.closeUndecided',
    _closeDecided: 'DisputeModel.closeDecided, BondProof.judgesShareAtMostTheRest',
    _takeDispute: 'DisputeModel.closeDecided',
  },
  'market/SignedLane.sol': { settle: 'SettleModel.settle' },
  'market/AuctionLane.sol': { settleAuction: 'SettleModel.settleAuction' },
  'types/AuctionResult.sol': { clear: 'SettleModel.settleAuction' },
  'market/PackedLane.sol': {
    settlePacked: 'SettleModel.openPurse, settleItem, closePurse',
    _closePurse: 'SettleModel.closePurse',
  },
  'market/PackedWalk.sol': { _openPurse: 'SettleModel.openPurse', _judge: 'SettleModel.settleItem' },
  'verification/redundant/SeatStore.sol': { _enterRedundant: 'RedundantModel.enter' },
  'verification/redundant/Seating.sol': {
    anchorSeats: 'RedundantModel.bind, anchor',
    _bindSeats: 'RedundantModel.bind',
  },
  'verification/redundant/SeatFallback.sol': {
    commitSeat: 'RedundantModel.bind',
    sealSeats: 'RedundantModel.anchor',
    _bindSeat: 'RedundantModel.bind',
  },
  'verification/redundant/SeatSettlement.sol': {
    settleSeats: 'SettleModel.settleSeats',
    _payRevealed: 'SettleModel.settleSeats',
  },
  'verification/redundant/RedundantMode.sol': {
    openSeats: 'RedundantModel.payThree, payTwo, reseat, refund',
    _closeRound: 'RedundantModel.payThree, payTwo, reseat, refund',
    _payWinners: 'RedundantModel.payThree, payTwo, reseat, refund, SharesProof',
    _settleSeats: 'RedundantModel._release',
    _slashSeat: 'RedundantModel._release',
    _majorityOf: 'RedundantModel.payThree, payTwo, reseat, refund',
  },
  'channels/Channels.sol': {
    openChannel: 'ChannelModel.openChannel',
    topUp: 'ChannelModel.topUp',
    startClose: 'ChannelModel.startClose',
    close: 'ChannelModel.close',
    refund: 'ChannelModel.refund',
  },
  'channels/ChannelClaims.sol': { claim: 'ChannelModel.claim', _claimOne: 'ChannelModel.claim' },
}

/** Hash of every modelled function as it is now, comments and white space left out. */
function currentHashes(): Record<string, string> {
  const hashes: Record<string, string> = {}
  for (const [file, functions] of Object.entries(modelled)) {
    const source = readFileSync(join(root, 'contracts/src', file), 'utf8')
    for (const name of Object.keys(functions)) {
      const text = functionText(source, name)
        .replace(/\/\/.*$/gm, '')
        .replace(/\s+/g, ' ')
      hashes[`${file}:${name}`] = createHash('sha256').update(text).digest('hex').slice(0, 16)
    }
  }
  return hashes
}

/** Text of a function from its name to its closing brace. */
function functionText(source: string, name: string): string {
  const start = source.search(new RegExp(`function ${name}\\b`))
  if (start < 0) throw new Error(`There is no function ${name}`)
  let depth = 0
  for (let i = source.indexOf('{', start); i < source.length; i++) {
    if (source[i] === '{') depth++
    if (source[i] === '}' && --depth === 0) return source.slice(start, i + 1)
  }
  throw new Error(`Function ${name} does not end`)
}

/**
 * Compares the modelled functions with those the models were last compared with.
 * @returns one sentence for each that changed, with the part of the model to look at
 */
export function changedSources(): string[] {
  const accepted = existsSync(record)
    ? (JSON.parse(readFileSync(record, 'utf8')) as Record<string, string>)
    : {}
  return Object.entries(currentHashes())
    .filter(([key, hash]) => accepted[key] !== hash)
    .map(([key]) => {
      const [file = '', name = ''] = key.split(':')
      const model = modelled[file]?.[name]
      return `${key} changed: compare it with ${model}, then run node contracts/formal/prove.ts --accept`
    })
}

/** Records the modelled functions as they are. Only after the models were compared with them. */
export function acceptSources(): void {
  writeFileSync(record, `${JSON.stringify(currentHashes(), null, 2)}\n`)
}
