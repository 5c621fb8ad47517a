import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../../')
const record = join(import.meta.dirname, 'sources.json')

/** Functions of contracts/src that move money, with the functions of the models that say the same. */
const modelled: Record<string, Record<string, string>> = {
  'ledger/Ledger.sol': {
    withdraw: 'LedgerModel.withdraw',
    _credit: 'every `_free +=`',
    _debit: 'LedgerModel.withdraw',
    _burn: 'every `_balance -=` of a burn',
    _pull: 'LedgerModel.deposit',
    _creditDeposit: 'LedgerModel.deposit',
  },
  'libraries/Shares.sol': { feeDown: 'SharesProof, imported', burnedUp: 'SharesProof, imported' },
  'staking/ProviderRegistry.sol': {
    registerProvider: 'RegistryModel.stake',
    stake: 'RegistryModel.stake',
    startUnstake: 'RegistryModel.startUnstake',
    cancelUnstake: 'RegistryModel.cancelUnstake',
    finishUnstake: 'RegistryModel.finishUnstake',
    _lockBond: 'RegistryModel.lockBond',
    _unlockBond: 'RegistryModel.unlockBond',
    _payProvider: 'RegistryModel.unlockBond, LedgerModel.earn',
    _slash: 'RegistryModel.slash',
    _takeEarned: 'LedgerModel.withdraw',
    _addStake: 'RegistryModel.stake',
    _takeUnstaking: 'RegistryModel.finishUnstake',
  },
  'market/JobStore.sol': {
    _enter: 'LaneModel.postJob, RedundantModel.enter',
    _finalize: 'LaneModel._finalize',
  },
  'market/JobMarket.sol': {
    postJob: 'LaneModel.postJob',
    cancelJob: 'LaneModel.refund',
    acceptJob: 'LaneModel.acceptJob',
    submitResult: 'LaneModel.submitResult',
    finalizeJob: 'LaneModel.finalizeJob',
    expireJob: 'LaneModel.refund, RedundantModel.expire',
    _failLate: 'LaneModel.failLate',
  },
  'market/Disputes.sol': {
    disputeJob: 'LaneModel.disputeJob',
    _closeUndecided: 'LaneModel.closeUndecided, DisputeModel.closeUndecided',
    _closeDecided: 'DisputeModel.closeDecided',
  },
  'verification/redundant/Seating.sol': {
    anchorSeats: 'RedundantModel.bind, anchor',
    commitSeat: 'RedundantModel.bind',
    sealSeats: 'RedundantModel.anchor',
    _enterRedundant: 'RedundantModel.enter',
    _bindSeats: 'RedundantModel.bind',
    _bindSeat: 'RedundantModel.bind',
  },
  'verification/redundant/RedundantMode.sol': {
    openSeats: 'RedundantModel.openSeats',
    _closeRound: 'RedundantModel.openSeats',
    _payWinners: 'RedundantModel.openSeats, SharesProof',
    _settleSeats: 'RedundantModel._settleSeat',
    _slashSeat: 'RedundantModel._settleSeat',
    _majorityOf: 'RedundantModel.openSeats',
  },
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
