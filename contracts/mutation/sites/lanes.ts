import { type Mutant, mutantsOf, without } from '../mutant.ts'

/** The lanes that store no job: one order, an auction, a packed batch. */
export const laneMutants: Mutant[] = [
  ...mutantsOf(
    'market/SignedLane.sol',
    ['market/settling', 'attacks/replay'],
    [
      without(
        'settle: the receipt of another job',
        'require(receipt.jobId == jobId, WrongReceipt(receipt.jobId, jobId));',
      ),
      without(
        'settle: the receipt of a seat',
        'require(receipt.assignmentHash == 0, SeatReceipt(receipt.assignmentHash));',
      ),
      without(
        'settle: more than the price',
        'require(amountWei <= order.priceWei, AmountTooHigh(amountWei, order.priceWei));',
      ),
      without(
        'settle: after its last second',
        'require(block.timestamp <= settleBy, ILedger.Expired(uint40(settleBy)));',
      ),
      without(
        'settle: an order nobody signed',
        'require(Signatures.isValid(requester, jobId, orderSig), ILedger.BadSignature(requester));',
      ),
      without('settle: the nonce is not taken', '_useNonce(requester, order.nonce);'),
      without('settle: nothing is taken', '_debit(requester, amountWei);'),
      {
        name: 'settle: the price instead of the amount',
        find: '_earn(providerId, amountWei);',
        replace: '_earn(providerId, order.priceWei);',
      },
    ],
  ),
  ...mutantsOf(
    'market/AuctionLane.sol',
    ['market/auction'],
    [
      without('settleAuction: no winner', 'require(winner != 0, NoBid(jobId));'),
      without('settleAuction: by anybody', '_requireOperator(winner);'),
      {
        name: 'settleAuction: a list that nobody signed',
        find: 'signer != address(0) && signer == order.coordinator',
        replace: 'signer == order.coordinator',
      },
      {
        name: 'settleAuction: a list that anybody signed',
        find: 'signer != address(0) && signer == order.coordinator',
        replace: 'signer != address(0)',
      },
      without('settleAuction: the nonce is not taken', '_useNonce(requester, order.nonce);'),
      {
        name: 'settleAuction: the reserve is taken',
        find: '_debit(requester, paidWei);',
        replace: '_debit(requester, order.priceWei);',
      },
      {
        name: 'settleAuction: the reserve is paid',
        find: '_earn(winner, paidWei);',
        replace: '_earn(winner, order.priceWei);',
      },
    ],
  ),
  ...mutantsOf(
    'types/AuctionResult.sol',
    ['market/auction'],
    [
      {
        name: 'clear: the later of equal bids wins',
        find: 'if (priceWei < best) {',
        replace: 'if (priceWei <= best) {',
      },
      {
        name: 'clear: the first price',
        find: 'second = best;\n                best = priceWei;',
        replace: 'second = priceWei;\n                best = priceWei;',
      },
      { name: 'clear: above the reserve', find: 'if (best > reserveWei) return (0, 0);', replace: '' },
      {
        name: 'clear: a second bid above the reserve is paid',
        find: 'second < reserveWei ? uint96(second) : reserveWei',
        replace: 'uint96(second)',
      },
    ],
  ),
  ...mutantsOf(
    'market/PackedLane.sol',
    ['market/packed'],
    [
      without('settlePacked: by anybody', '_requireOperator(batch.providerId);'),
      without('settlePacked: the payer keeps its money', 'purse.freeWei -= amountWei;'),
      without('settlePacked: nonces are not taken', '_setBit(purse, batch.order.nonce);'),
      without(
        'settlePacked: the rest of the bytes',
        'require(offset == items.length, BadBatch(items.length));',
      ),
      without('_closePurse: earnings are spent and stay', 'if (purse.usesEarned) _takeEarned(purse.payer);'),
      {
        name: '_setBit: bits of an earlier word are lost',
        find: '_storeBits(purse);\n            purse.word =',
        replace: 'purse.word =',
      },
    ],
  ),
  ...mutantsOf(
    'market/PackedWalk.sol',
    ['market/packed'],
    [
      without(
        '_openPurse: a payer twice',
        'require(payer > batch.payer, ISignedLane.PayersNotAscending(payer));',
      ),
      without(
        '_judge: a nonce twice in a batch',
        'if (nonce < purse.nextNonce) return ItemStatus.NONCE_NOT_ASCENDING;',
      ),
      without('_judge: a used nonce', 'if (bits & (1 << (nonce & 0xff)) != 0) return ItemStatus.NONCE_USED;'),
      {
        name: '_judge: the last second is refused',
        find: 'block.timestamp > uint256(order.acceptBy)',
        replace: 'block.timestamp >= uint256(order.acceptBy)',
      },
      without(
        '_judge: more than the price',
        'if (amountWei > order.priceWei) return ItemStatus.AMOUNT_TOO_HIGH;',
      ),
      {
        name: '_examine: a signature of somebody else',
        find: '!= order.requester) status = ItemStatus.BAD_SIGNATURE;',
        replace: '== address(0)) status = ItemStatus.BAD_SIGNATURE;',
      },
    ],
  ),
]
