import { type Mutant, mutantsOf } from '../mutant.ts'

/** Free balances, nonces, shares and signatures. */
export const ledgerMutants: Mutant[] = [
  ...mutantsOf('ledger/Ledger.sol', [
    {
      name: 'withdraw: nothing is debited',
      find: '_debit(msg.sender, _positive(amountWei));\n        emit Withdrawn',
      replace: '_positive(amountWei);\n        emit Withdrawn',
    },
    {
      name: 'withdraw: zero is allowed',
      find: '_debit(msg.sender, _positive(amountWei));\n        emit Withdrawn',
      replace: '_debit(msg.sender, amountWei);\n        emit Withdrawn',
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
    {
      name: 'depositWithAuthorization: the caller is credited',
      find: '_creditDeposit(from, amountWei, before);',
      replace: '_creditDeposit(msg.sender, amountWei, before);',
    },
    { name: 'invalidateNonces: bits are flipped', find: '[word] |= mask;', replace: '[word] ^= mask;' },
    { name: 'invalidateNonces: other bits are cleared', find: '[word] |= mask;', replace: '[word] = mask;' },
    {
      name: 'accountOf: earnings are left out',
      find: 'return uint96(_free[account]) + _earnedOf(account);',
      replace: 'return uint96(_free[account]);',
    },
    {
      name: '_useNonce: a used nonce is accepted',
      find: '        require(bits & bit == 0, NonceUsed(requester, nonce));\n',
      replace: '',
    },
    { name: '_useNonce: other bits are cleared', find: '= bits | bit;', replace: '= bit;' },
    {
      name: '_useNonce: two nonces share a bit',
      find: 'uint256 bit = 1 << (nonce & 0xff);',
      replace: 'uint256 bit = 1 << (nonce & 0x7f);',
    },
    {
      name: '_credit: the balance is replaced',
      find: '_free[account] += amountWei;',
      replace: '_free[account] = amountWei;',
    },
    {
      name: '_credit: one wei is forgotten',
      find: 'if (amountWei != 0) _free',
      replace: 'if (amountWei > 1) _free',
    },
    {
      name: '_debit: earnings are not found',
      find: 'if (have < amountWei) have +=',
      replace: 'if (have > amountWei) have +=',
    },
    {
      name: '_debit: one wei too much is allowed',
      find: 'require(have >= amountWei, InsufficientFree',
      replace: 'require(have + 1 >= amountWei, InsufficientFree',
    },
    {
      name: '_debit: exactly the balance is refused',
      find: 'require(have >= amountWei, InsufficientFree',
      replace: 'require(have > amountWei, InsufficientFree',
    },
    {
      name: '_debit: nothing is taken',
      find: '_free[account] = have - amountWei;',
      replace: '_free[account] = have;',
    },
    {
      name: '_debit: earnings are moved when the balance is exactly enough',
      find: 'if (have < amountWei) have +=',
      replace: 'if (have <= amountWei) have +=',
      survives:
        'Equivalent: it only moves earnings into the free balance earlier; accountOf is the sum of both.',
    },
    {
      name: '_send: the mesh itself may receive',
      find: 'to != address(0) && to != address(this)',
      replace: 'to != address(0)',
    },
    {
      name: '_send: the zero address may receive',
      find: 'to != address(0) && to != address(this)',
      replace: 'to != address(this)',
    },
    {
      name: '_burn: nothing burns',
      find: 'if (amountWei != 0) token.burn(amountWei);',
      replace: 'amountWei;',
    },
    {
      name: '_creditDeposit: the received amount is not checked',
      find: '        require(got == amountWei, DepositMismatch(got, amountWei));\n',
      replace: '        got;\n',
    },
    {
      name: '_creditDeposit: zero is allowed',
      find: '_credit(account, _positive(amountWei));',
      replace: '_credit(account, amountWei);',
    },
  ]),
  ...mutantsOf('libraries/Shares.sol', [
    {
      name: 'feeDown: rounds up',
      find: '(uint256(grossWei) * feeBps) / BPS',
      replace: '(uint256(grossWei) * feeBps + BPS - 1) / BPS',
    },
    { name: 'burnedUp: rounds down', find: '(uint256(bondWei) + 1) / 2', replace: 'uint256(bondWei) / 2' },
    { name: 'burnedUp: everything burns', find: '(uint256(bondWei) + 1) / 2', replace: 'bondWei' },
  ]),
  ...mutantsOf('libraries/Signatures.sol', [
    {
      name: 'recoverAt: the malleable twin is accepted',
      find: 'if (uint256(s) <= MAX_S) signer',
      replace: 'signer',
    },
    {
      name: 'isValid: the zero address signs',
      find: 'if (signer != address(0) && recover',
      replace: 'if (recover',
    },
    {
      name: 'isValid: contract wallets are asked first and only',
      find: 'if (signer != address(0) && recover(digest, signature) == signer) return true;',
      replace:
        'if (signer.code.length == 0) return signer != address(0) && recover(digest, signature) == signer;',
    },
    {
      name: '_isValidERC1271: all gas goes to the wallet',
      find: 'staticcall(gasLimit,',
      replace: 'staticcall(gas(),',
    },
    {
      name: '_isValidERC1271: a short answer is accepted',
      find: 'and(gt(returndatasize(), 0x1f), eq(mload(0), magic))',
      replace: 'eq(mload(0), magic)',
    },
    {
      name: '_isValidERC1271: a failed call is accepted',
      find: 'ok := and(success, and(',
      replace: 'ok := and(1, and(',
    },
  ]),
]
