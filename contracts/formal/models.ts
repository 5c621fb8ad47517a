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
      { name: 'earnings are spent twice', find: '            _earned = 0;\n', replace: '' },
      { name: 'a debit is not checked', find: '        require(have >= wei_);\n', replace: '' },
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
        name: 'the fee is paid on top of the price',
        find: 'uint96 paid = _price - fee;',
        replace: 'uint96 paid = _price;',
      },
      {
        name: 'a late bond is credited and not slashed',
        find: '        _stakes -= int256(uint256(_bond));\n',
        replace: '',
      },
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
        find: '        } else {\n            uint96 paid',
        replace: '        } else {\n            _free += bond;\n            uint96 paid',
      },
    ],
  },
  {
    contract: 'SharesProof',
    bugs: [
      { name: 'a share for one seat less', find: 'priceWei / seats;', replace: 'priceWei / (seats - 1);' },
    ],
  },
]
