import { type Mutant, mutantsOf, without } from '../mutant.ts'

/** Free balances, nonces, shares and signatures. */
export const ledgerMutants: Mutant[] = [
  ...mutantsOf(
    'ledger/Ledger.sol',
    ['ledger/withdrawals', 'ledger/deposits', 'attacks/reentrancy'],
    [
      {
        name: 'withdraw: zero is allowed',
        find: '_debit(msg.sender, _positive(amountWei));',
        replace: '_debit(msg.sender, amountWei);',
      },
      {
        name: 'withdraw: no reentrancy guard',
        find: 'function withdraw(uint96 amountWei, address to) external nonReentrant',
        replace: 'function withdraw(uint96 amountWei, address to) external',
      },
      {
        name: 'deposit: no reentrancy guard',
        find: 'function deposit(uint96 amountWei) external nonReentrant',
        replace: 'function deposit(uint96 amountWei) external',
      },
    ],
  ),
  ...mutantsOf(
    'ledger/Accounts.sol',
    ['ledger/'],
    [
      {
        name: 'depositWithAuthorization: the caller is credited',
        find: '_creditDeposit(from, amountWei, before);',
        replace: '_creditDeposit(msg.sender, amountWei, before);',
      },
      {
        name: 'invalidateNonces: bits are flipped',
        find: '.bits |= mask;',
        replace: '.bits ^= mask;',
      },
      {
        name: 'accountOf: earnings are left out',
        find: 'return _freeOf(account) + _earnedOf(account);',
        replace: 'return _freeOf(account);',
        tests: ['governance/fees', 'market/delivery'],
      },
    ],
  ),
  ...mutantsOf(
    'ledger/LedgerStore.sol',
    ['ledger/', 'market/settling', 'governance/fees'],
    [
      without(
        '_useNonce: a used nonce is accepted',
        'require(bits & bit == 0, ILedger.NonceUsed(requester, nonce));',
      ),
      {
        name: '_useNonce: other bits are cleared',
        find: '= bits | bit;',
        replace: '= bit;',
        tests: ['ledger/nonces'],
      },
      {
        name: '_credit: the balance is replaced',
        find: '_balances[account].bits += amountWei;',
        replace: '_balances[account].bits = amountWei;',
      },
      {
        name: '_debit: earnings are not found',
        find: 'if (freeWei < amountWei) freeWei += _takeEarned(account);',
        replace: '',
      },
      {
        name: '_debit: one wei too much is allowed',
        find: 'require(freeWei >= amountWei, ILedger.Ins',
        replace: 'require(freeWei + 1 >= amountWei, ILedger.Ins',
      },
      {
        name: '_debit: earnings move when the balance is exactly enough',
        find: 'if (freeWei < amountWei) freeWei +=',
        replace: 'if (freeWei <= amountWei) freeWei +=',
      },
      {
        name: '_send: the mesh itself may receive',
        find: 'to != address(0) && to != address(this)',
        replace: 'to != address(0)',
      },
      {
        name: '_creditDeposit: the received amount is not checked',
        find: 'require(got == amountWei, ILedger.DepositMismatch(got, amountWei));',
        replace: 'got;',
        tests: ['ledger/deposits', 'attacks/'],
      },
      {
        name: '_burn: nothing burns',
        find: 'if (amountWei != 0) duck.burn(amountWei);',
        replace: 'amountWei;',
        tests: ['market/expiry', 'attacks/selfDispute'],
      },
    ],
  ),
  ...mutantsOf(
    'libraries/Shares.sol',
    ['attacks/rounding', 'governance/fees', 'market/takeover'],
    [
      {
        name: 'feeDown: rounds up',
        find: '(uint256(grossWei) * feeBps) / BPS',
        replace: '(uint256(grossWei) * feeBps + BPS - 1) / BPS',
      },
      { name: 'burnedUp: rounds down', find: '(uint256(bondWei) + 1) / 2', replace: 'uint256(bondWei) / 2' },
    ],
  ),
  ...mutantsOf(
    'libraries/Signatures.sol',
    ['verification/signatures', 'market/settling', 'attacks/'],
    [
      {
        name: 'recoverAt: the malleable twin is accepted',
        find: 'assembly ("memory-safe") {\n            let offset := add(signatures.offset, mul(index, SIGNATURE_BYTES))\n            r := calldataload(offset)\n            s := calldataload(add(offset, 0x20))\n            v := byte(0, calldataload(add(offset, 0x40)))\n        }\n        // ecrecover answers zero for any other v, and for r or s out of range.\n        if (uint256(s) <= MAX_S) signer',
        replace:
          'assembly ("memory-safe") {\n            let offset := add(signatures.offset, mul(index, SIGNATURE_BYTES))\n            r := calldataload(offset)\n            s := calldataload(add(offset, 0x20))\n            v := byte(0, calldataload(add(offset, 0x40)))\n        }\n        signer',
      },
      {
        name: 'isValid: the zero address signs',
        find: 'if (signer != address(0) && recover',
        replace: 'if (recover',
      },
      {
        name: '_isValidERC1271: all gas goes to the wallet',
        find: 'staticcall(gasLimit,',
        replace: 'staticcall(gas(),',
      },
      {
        name: '_isValidERC1271: a failed call is accepted',
        find: 'ok := and(success, and(',
        replace: 'ok := and(1, and(',
      },
    ],
  ),
]
