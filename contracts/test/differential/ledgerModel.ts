/** A call that the contract must refuse, with the name of its custom error. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
  readonly reason: string
  constructor(reason: string) {
    super(`refused: ${reason}`)
    this.reason = reason
  }
}

export function demand(holds: boolean, reason: string): asserts holds {
  if (!holds) throw new RefusedError(reason)
}

export const BPS = 10_000n

export interface ModelProvider {
  owner: string
  key: string
  /** Gross; the fee is taken when it moves. */
  earnedWei: bigint
  /** Terms that the provider works under. */
  terms: ModelTerms
  stakedWei: bigint
  lockedWei: bigint
  unstakingWei: bigint
  unstakeAt: number
}

/** One version of the terms; the first is in effect from the beginning. */
export interface ModelTerms {
  version: number
  feeBps: bigint
  minBondBps: bigint
  effectiveAt: number
}

/** What a deployment was built with. */
export interface ModelParams {
  treasury: string
  noticeSeconds: number
  minStakeWei: bigint
  maxJobLifeSeconds: number
  unbondSeconds: number
}

/**
 * Accounts and stakes as the specification says them, without any of the packing of the contract. Every method is one
 * call at second `now`: it changes the balances or throws RefusedError and changes nothing.
 */
export class LedgerModel {
  readonly params: ModelParams
  readonly free = new Map<string, bigint>()
  readonly providers: ModelProvider[] = []
  private readonly usedNonces = new Set<string>()
  /** Every version that governance published. */
  private readonly published: ModelTerms[]
  /** The newest one that the mesh knows of. */
  terms: ModelTerms
  meshWei = 0n
  burnedWei = 0n

  constructor(params: ModelParams, terms: Omit<ModelTerms, 'version'>) {
    this.params = params
    this.terms = { version: 0, ...terms }
    this.published = [this.terms]
  }

  /** What an account can spend: its balance and its earnings without their fee. */
  freeOf(account: string): bigint {
    const owned = this.ownedBy(account)
    return this.balanceOf(account) + (owned ? owned.earnedWei - feeDueOf(owned) : 0n)
  }

  /** The fee on the earnings of an owner. */
  feeDueOf(account: string): bigint {
    const owned = this.ownedBy(account)
    return owned ? feeDueOf(owned) : 0n
  }

  publish(feeBps: bigint, minBondBps: bigint, now: number): void {
    const version = this.published.length
    this.published.push({ version, feeBps, minBondBps, effectiveAt: now + this.params.noticeSeconds })
  }

  syncTerms(now: number): void {
    for (const terms of this.published) if (terms.effectiveAt <= now) this.terms = terms
  }

  adoptTerms(caller: string, id: number, now: number): void {
    const provider = this.providerAt(id)
    const { version, effectiveAt } = this.terms
    if (now <= effectiveAt + 2 * this.params.maxJobLifeSeconds) this.demandOperator(caller, id)
    demand(provider.terms.version !== version, 'TermsAdoptedAlready')
    this.moveEarned(provider)
    provider.terms = this.terms
  }

  collectFees(ids: number[]): void {
    for (const id of ids) this.moveEarned(this.providerAt(id))
  }

  earn(id: number, grossWei: bigint): void {
    this.providerAt(id).earnedWei += grossWei
  }

  deposit(account: string, amountWei: bigint): void {
    demand(amountWei > 0n, 'ZeroAmount')
    this.credit(account, amountWei)
    this.meshWei += amountWei
  }

  withdraw(account: string, amountWei: bigint): void {
    demand(amountWei > 0n, 'ZeroAmount')
    this.debit(account, amountWei)
    this.meshWei -= amountWei
  }

  register(owner: string, key: string, stakeWei: bigint): void {
    demand(!this.providers.some((provider) => provider.owner === owner), 'AlreadyRegistered')
    demand(stakeWei >= this.params.minStakeWei, 'StakeBelowMinimum')
    demand(this.freeOf(owner) >= stakeWei, 'InsufficientFree')
    demand(!this.providers.some((provider) => provider.key === key), 'KeyTaken')
    this.debit(owner, stakeWei)
    this.providers.push({
      owner,
      key,
      earnedWei: 0n,
      terms: this.terms,
      stakedWei: stakeWei,
      lockedWei: 0n,
      unstakingWei: 0n,
      unstakeAt: 0,
    })
  }

  stake(caller: string, id: number, amountWei: bigint): void {
    const provider = this.owned(caller, id)
    demand(amountWei > 0n, 'ZeroAmount')
    this.debit(caller, amountWei)
    provider.stakedWei += amountWei
  }

  startUnstake(caller: string, id: number, amountWei: bigint, now: number): void {
    const provider = this.owned(caller, id)
    demand(amountWei > 0n, 'ZeroAmount')
    demand(amountWei <= provider.stakedWei - provider.lockedWei, 'InsufficientStake')
    provider.stakedWei -= amountWei
    provider.unstakingWei += amountWei
    provider.unstakeAt = now + this.params.unbondSeconds
  }

  cancelUnstake(caller: string, id: number): void {
    const provider = this.owned(caller, id)
    demand(provider.unstakingWei > 0n, 'NothingUnstaking')
    provider.stakedWei += provider.unstakingWei
    provider.unstakingWei = 0n
    provider.unstakeAt = 0
  }

  finishUnstake(caller: string, id: number, now: number): void {
    const provider = this.owned(caller, id)
    demand(provider.unstakingWei > 0n, 'NothingUnstaking')
    demand(now >= provider.unstakeAt, 'TooEarly')
    this.meshWei -= provider.unstakingWei
    provider.unstakingWei = 0n
    provider.unstakeAt = 0
  }

  invalidateNonce(requester: string, nonce: bigint): void {
    this.usedNonces.add(`${requester}:${nonce}`)
  }

  isNonceUsed(requester: string, nonce: bigint): boolean {
    return this.usedNonces.has(`${requester}:${nonce}`)
  }

  useNonce(requester: string, nonce: bigint): void {
    demand(!this.isNonceUsed(requester, nonce), 'NonceUsed')
    this.invalidateNonce(requester, nonce)
  }

  credit(account: string, amountWei: bigint): void {
    this.free.set(account, this.balanceOf(account) + amountWei)
  }

  /** Earnings move only when the balance alone is too small. */
  debit(account: string, amountWei: bigint): void {
    demand(this.freeOf(account) >= amountWei, 'InsufficientFree')
    this.reachInto(account, amountWei)
    this.free.set(account, this.balanceOf(account) - amountWei)
  }

  burn(amountWei: bigint): void {
    this.meshWei -= amountWei
    this.burnedWei += amountWei
  }

  providerAt(id: number): ModelProvider {
    const provider = this.providers[id - 1]
    if (!provider) throw new Error(`The model has no provider ${id}`)
    return provider
  }

  demandActive(id: number): void {
    demand(this.providerAt(id).stakedWei >= this.params.minStakeWei, 'ProviderInactive')
  }

  /** Throws unless the bond can be locked. */
  demandBond(id: number, bondWei: bigint): void {
    const provider = this.providerAt(id)
    this.demandActive(id)
    demand(provider.stakedWei - provider.lockedWei >= bondWei, 'InsufficientStake')
  }

  lock(id: number, bondWei: bigint): void {
    this.providerAt(id).lockedWei += bondWei
  }

  unlock(id: number, bondWei: bigint): void {
    this.providerAt(id).lockedWei -= bondWei
  }

  /** Takes a locked bond out of the stake; the caller says where it goes. */
  slash(id: number, bondWei: bigint): void {
    this.unlock(id, bondWei)
    this.providerAt(id).stakedWei -= bondWei
  }

  demandOperator(caller: string, id: number): void {
    const { owner, key } = this.providerAt(id)
    demand(caller === owner || caller === key, 'NotProvider')
  }

  /** What is there without earnings. */
  private balanceOf(account: string): bigint {
    return this.free.get(account) ?? 0n
  }

  private ownedBy(account: string): ModelProvider | undefined {
    return this.providers.find(({ owner }) => owner === account)
  }

  /** Moves earnings when the balance alone is too small for an amount, enough or not. */
  protected reachInto(account: string, amountWei: bigint): void {
    const owned = this.ownedBy(account)
    if (owned && this.balanceOf(account) < amountWei) this.moveEarned(owned)
  }

  private moveEarned(provider: ModelProvider): void {
    const feeWei = feeDueOf(provider)
    this.credit(provider.owner, provider.earnedWei - feeWei)
    this.credit(this.params.treasury, feeWei)
    provider.earnedWei = 0n
  }

  private owned(caller: string, id: number): ModelProvider {
    const provider = this.providerAt(id)
    demand(provider.owner === caller, 'NotOwner')
    return provider
  }
}

function feeDueOf({ earnedWei, terms }: ModelProvider): bigint {
  return (earnedWei * terms.feeBps) / BPS
}
