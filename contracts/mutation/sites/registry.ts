import { type Mutant, mutantsOf } from '../mutant.ts'

/** Stakes, bonds and keys. */
export const registryMutants: Mutant[] = [
  ...mutantsOf('staking/ProviderRegistry.sol', [
    {
      name: 'registerProvider: a second provider of one owner',
      find: '        require(_idByOwner[msg.sender] == 0, AlreadyRegistered(msg.sender, _idByOwner[msg.sender]));\n',
      replace: '',
    },
    {
      name: 'registerProvider: the minimum itself is refused',
      find: 'require(stakeWei >= minStakeWei, StakeBelowMinimum',
      replace: 'require(stakeWei > minStakeWei, StakeBelowMinimum',
    },
    {
      name: 'registerProvider: the stake is not paid',
      find: '        _debit(msg.sender, stakeWei);\n',
      replace: '',
    },
    {
      name: 'registerProvider: the stake is not recorded',
      find: '        record.stakedWei = stakeWei;\n',
      replace: '',
    },
    {
      name: 'stake: the stake is not paid',
      find: '        _debit(msg.sender, _positive(amountWei));\n',
      replace: '        _positive(amountWei);\n',
    },
    {
      name: 'startUnstake: one wei too much',
      find: 'require(_positive(amountWei) <= unlocked, Ins',
      replace: 'require(_positive(amountWei) <= unlocked + 1, Ins',
    },
    {
      name: 'startUnstake: locked stake leaves',
      find: '        record.unlocked = record.unlocked.minus(amountWei);\n        record.stakedWei',
      replace: '        record.stakedWei',
    },
    {
      name: 'startUnstake: the stake stays active',
      find: '        record.stakedWei -= amountWei;\n        uint40',
      replace: '        uint40',
    },
    {
      name: 'startUnstake: one second early',
      find: 'uint40(block.timestamp + unbondSeconds)',
      replace: 'uint40(block.timestamp + unbondSeconds - 1)',
    },
    {
      name: 'startUnstake: an earlier amount is lost',
      find: 'record.unstakingWei += amountWei;',
      replace: 'record.unstakingWei = amountWei;',
    },
    {
      name: 'startUnstake: anybody',
      find: 'function startUnstake(uint32 providerId, uint96 amountWei) external nonReentrant onlyOwner(providerId)',
      replace: 'function startUnstake(uint32 providerId, uint96 amountWei) external nonReentrant',
    },
    {
      name: 'cancelUnstake: the amount is lost',
      find: '        _addStake(providerId, amountWei);\n        emit UnstakeCancelled',
      replace: '        emit UnstakeCancelled',
    },
    {
      name: 'cancelUnstake: anybody',
      find: 'function cancelUnstake(uint32 providerId) external nonReentrant onlyOwner(providerId)',
      replace: 'function cancelUnstake(uint32 providerId) external nonReentrant',
    },
    {
      name: 'finishUnstake: anybody',
      find: 'function finishUnstake(uint32 providerId, address to) external nonReentrant onlyOwner(providerId)',
      replace: 'function finishUnstake(uint32 providerId, address to) external nonReentrant',
    },
    {
      name: 'finishUnstake: one second late',
      find: 'require(block.timestamp >= unstakeAt, TooEarly',
      replace: 'require(block.timestamp > unstakeAt, TooEarly',
    },
    {
      name: 'finishUnstake: no delay',
      find: '        require(block.timestamp >= unstakeAt, TooEarly(unstakeAt - 1));\n',
      replace: '',
    },
    {
      name: 'rotateKey: no proof of possession',
      find: '        require(Signatures.recover(digest, proof) == newKey, BadSignature(newKey));\n',
      replace: '        digest;\n        proof;\n',
    },
    {
      name: 'rotateKey: the old key stays',
      find: '        delete _idByKey[record.unlocked.holder()];\n',
      replace: '',
    },
    {
      name: 'rotateKey: locked bonds are unlocked',
      find: 'HeldWordLib.pack(newKey, record.unlocked.amountWei())',
      replace: 'HeldWordLib.pack(newKey, record.stakedWei)',
    },
    { name: 'rotateKey: the epoch stays', find: '        record.keyEpoch = keyEpoch;\n', replace: '' },
    {
      name: '_lockBond: a lone unlocked part must be the minimum',
      find: 'unlocked >= minStakeWei || record.stakedWei >= minStakeWei',
      replace: 'unlocked >= minStakeWei && record.stakedWei >= minStakeWei',
    },
    {
      name: '_lockBond: no minimum stake',
      find: '        require(unlocked >= minStakeWei || record.stakedWei >= minStakeWei, ProviderInactive(providerId));\n',
      replace: '',
    },
    {
      name: '_lockBond: the whole stake is refused as bond',
      find: 'require(unlocked >= bondWei, Ins',
      replace: 'require(unlocked > bondWei, Ins',
    },
    {
      name: '_lockBond: nothing is locked',
      find: 'record.unlocked = word.minus(bondWei);',
      replace: 'word.minus(bondWei);',
    },
    {
      name: '_unlockBond: nothing is unlocked',
      find: '        Record storage record = _providers[providerId];\n        record.unlocked = record.unlocked.plus(bondWei);\n    }\n\n    /// @dev Unlocks a bond and',
      replace: '        providerId;\n        bondWei;\n    }\n\n    /// @dev Unlocks a bond and',
    },
    {
      name: '_payProvider: the bond stays locked',
      find: '        record.unlocked = record.unlocked.plus(bondWei);\n        record.earned',
      replace: '        bondWei;\n        record.earned',
    },
    {
      name: '_payProvider: nothing is earned',
      find: '        record.earned = record.earned.plus(earnedWei);\n',
      replace: '        earnedWei;\n',
    },
    {
      name: '_slash: the stake stays whole',
      find: '        _providers[providerId].stakedWei -= bondWei;\n',
      replace: '',
    },
    {
      name: '_takeEarned: earnings are spent twice',
      find: '        if (earnedWei != 0) record.earned = record.earned.minus(earnedWei);\n',
      replace: '',
    },
    {
      name: '_requireOperator: owner and key must be one',
      find: 'msg.sender == record.unlocked.holder() || msg.sender == record.earned.holder()',
      replace: 'msg.sender == record.unlocked.holder() && msg.sender == record.earned.holder()',
    },
    {
      name: '_requireOperator: anybody',
      find: '        require(operates, NotProvider(providerId, msg.sender));\n',
      replace: '        operates;\n',
    },
    {
      name: '_addStake: locked grows instead of staked',
      find: '        record.stakedWei += amountWei;\n    }',
      replace: '    }',
    },
    {
      name: '_takeKey: a key in use is taken',
      find: '        require(holder == 0, KeyTaken(signingKey, holder));\n',
      replace: '        holder;\n',
    },
    { name: '_takeUnstaking: leaves twice', find: '        record.unstakingWei = 0;\n', replace: '' },
    {
      name: '_takeUnstaking: nothing leaves',
      find: '        require(amountWei != 0, NothingUnstaking(providerId));\n',
      replace: '',
    },
  ]),
]
