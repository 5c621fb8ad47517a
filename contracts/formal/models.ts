/** A fault put into a model on purpose: the proof must fail on it. */
export interface SeededBug {
  /** What goes wrong. */
  name: string
  /** Text of the model, which must occur exactly once. */
  find: string
  replace: string
}

export interface Model {
  /** Contract and file name in models/. */
  contract: string
  bugs: SeededBug[]
}

/** What is proved, and the faults that show that the proof is not empty. */
export const models: Model[] = [
  {
    contract: 'LedgerModel',
    bugs: [
      { name: 'earnings are spent twice', find: '        _gross = 0;\n', replace: '' },
      { name: 'a debit is not checked', find: '        require(have >= wei_);\n', replace: '' },
      {
        name: 'the fee is paid on top of the earnings',
        find: 'net = gross - fee_;',
        replace: 'net = gross;',
      },
      {
        name: 'new terms take their fee from what was earned before',
        find: '        _free += _move(fee);\n        _version',
        replace: '        fee;\n        _version',
      },
    ],
  },
  {
    contract: 'RegistryModel',
    bugs: [
      { name: 'locked stake leaves', find: 'wei_ <= _unlocked', replace: 'wei_ <= _staked' },
      { name: 'stake leaves early', find: '        require(_now >= unstakeAt);\n', replace: '' },
      {
        name: 'a slash leaves the stake whole',
        find: '        _staked -= wei_;\n        _slashed',
        replace: '        _slashed',
      },
      {
        name: 'stake on its way out is slashed and leaves',
        find: '        _unstaking -= fromExit;\n',
        replace: '',
      },
      {
        name: 'a key pays again and again',
        find: '        _paidByKey += taken + fromExit;\n',
        replace: '',
      },
    ],
  },
  {
    contract: 'LaneModel',
    bugs: [
      {
        name: 'an open job is refunded twice',
        find: 'require(_status == OPEN);\n        _status = NONE;',
        replace: 'require(_status == OPEN);',
      },
      {
        name: 'a late bond is credited and not slashed',
        find: '        _stakes -= int256(uint256(_bond));\n',
        replace: '',
      },
      {
        name: 'the reward of a takeover is paid on top',
        find: '_bond - burned - toTaker;',
        replace: '_bond - burned;',
      },
      { name: 'who takes over locks no bond', find: '        _locked += lost;\n', replace: '' },
    ],
  },
  {
    contract: 'RedundantModel',
    bugs: [
      { name: 'the unearned share stays behind', find: 'int256(uint256(_price)) - shares;', replace: '0;' },
      {
        name: 'a slashed bond is refunded and burned',
        find: '_free += bonds - toBurn;',
        replace: '_free += bonds;',
      },
      { name: 'a seat locks no bond', find: '        _locked += bond;\n', replace: '' },
    ],
  },
  {
    contract: 'DisputeModel',
    bugs: [
      {
        name: 'the dust of a lost bond stays behind',
        find: 'int256 toBurn = bond - toSeats;',
        replace: 'int256 toBurn = int256(uint256(burned));',
      },
      {
        name: 'the challenger gets its bond back and loses it',
        find: '        } else {\n            _free',
        replace: '        } else {\n            _free += bond;\n            _free',
      },
    ],
  },
  {
    contract: 'SettleModel',
    bugs: [
      {
        name: 'the dust of the shares is taken and stays behind',
        find: '_debit(3 * share);',
        replace: '_debit(int256(uint256(priceWei)));',
      },
      {
        name: 'an auction pays more than the reserve',
        find: 'second < reserveWei ? second : reserveWei;',
        replace: 'second;',
      },
      {
        name: 'earnings that a purse used are not emptied',
        find: '        if (_usesEarned) _move();\n',
        replace: '',
      },
      { name: 'an item is settled without money', find: '        if (wei_ > _purse) return;\n', replace: '' },
    ],
  },
  {
    contract: 'ChannelModel',
    bugs: [
      {
        name: 'a claim goes beyond what was paid in',
        find: 'cumulativeWei < _funded ? cumulativeWei : _funded;',
        replace: 'cumulativeWei;',
      },
      {
        name: 'a claim goes beyond its voucher',
        find: '        if (cumulativeWei > maxCumulativeWei) return;\n',
        replace: '',
      },
      { name: 'a channel is closed twice', find: '        _funded = _claimed;\n', replace: '' },
      { name: 'a channel is closed early', find: '        require(_now > _closableAfter);\n', replace: '' },
      {
        name: 'a refund takes what was claimed',
        find: 'amountWei <= _funded - _claimed',
        replace: 'amountWei <= _funded',
      },
    ],
  },
  {
    contract: 'FeeProof',
    bugs: [
      {
        name: 'a wei more than the fee',
        find: 'assert(uint256(fee) * Shares.BPS <= uint256(grossWei) * feeBps);\n    }\n\n',
        replace: 'assert((uint256(fee) + 1) * Shares.BPS <= uint256(grossWei) * feeBps);\n    }\n\n',
      },
    ],
  },
  {
    contract: 'HalfProof',
    bugs: [
      {
        name: 'the half is rounded down',
        find: 'twice == uint256(bondWei) + 1',
        replace: 'twice + 1 == bondWei',
      },
    ],
  },
  {
    contract: 'SharesProof',
    bugs: [
      { name: 'a share for one seat less', find: 'priceWei / seats;', replace: 'priceWei / (seats - 1);' },
    ],
  },
  {
    contract: 'BondProof',
    bugs: [
      {
        name: 'the rest of a lost bond has the burned part in it',
        find: 'bondWei - burned - half;',
        replace: 'bondWei - half;',
      },
      { name: 'one judge is left out', find: '/ winners;', replace: '/ (winners - 1);' },
    ],
  },
]
