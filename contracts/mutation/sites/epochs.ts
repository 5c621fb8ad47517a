import { type Mutant, mutantsOf, without } from '../mutant.ts'

/** Thousands of jobs in one transaction: purses, epochs, challenges, proofs, and the way out. */
export const epochMutants: Mutant[] = [
  ...mutantsOf(
    'epochs/Epochs.sol',
    ['epochs/posting', 'epochs/applying'],
    [
      without(
        'postEpoch: the sides differ',
        'require(creditsWei == totalWei, SidesDiffer(totalWei, creditsWei));',
      ),
      without('postEpoch: the purses keep their money', '_purseBalances[coordinatorId].takeAll(debits);'),
      {
        name: 'postEpoch: by anybody',
        find: 'require(msg.sender == coordinator.key, NotAllowed(coordinator.key, msg.sender));',
        replace: '',
      },
      without('_enterSerial: a reopened serial stays open', 'delete _serials[coordinatorId][serial];'),
      without('applyTotals: while it can be proved wrong', '_requireAfter(epoch.provableUntil);'),
      without(
        'applyTotals: while a question is open',
        'require(epoch.openChallenges == 0, ChallengesOpen(epochId, epoch.openChallenges));',
      ),
      without(
        'applyTotals: other totals than the posted ones',
        '_requireTotals(header, Side.CREDITS, credits);',
      ),
      without('applyTotals: the fees are lost', 'coordinator.feesWei += chunkFeesWei;'),
      without('applyTotals: the bond is lost', 'if (last) coordinator.freeBondWei += header.bondWei;'),
      {
        name: 'refundDebits: again and again',
        find: 'epoch.cursor = toItem;\n        if (last) epoch.status = Status.REFUNDED;',
        replace: 'last;',
      },
      {
        name: '_stakeBond: the bond stays free',
        find: '_coordinators[coordinatorId].freeBondWei = freeWei - bondWei;',
        replace: '',
      },
      {
        name: '_stakeBond: always the least bond',
        find: 'shareWei > minEpochBondWei ? uint96(shareWei) : minEpochBondWei',
        replace: 'shareWei > type(uint96).max ? uint96(shareWei) : minEpochBondWei',
      },
    ],
  ),
  ...mutantsOf(
    'epochs/EpochLedger.sol',
    ['epochs/challenges', 'epochs/proofs'],
    [
      without('_revertEpoch: nothing burns', 'token.burn(burnedWei);'),
      without('_revertEpoch: the reporter gets nothing', '_owe(reporter, toReporterWei);'),
      without('_revertEpoch: the epoch stays posted', '_epochs[epochId].status = IEpochs.Status.REVERTED;'),
      {
        name: '_requireVoucher: a voucher that anybody signed',
        find: '&& Signatures.recover(digest, signature) == key, BadSignature(key)',
        replace: '&& Signatures.recover(digest, signature) != address(0), BadSignature(key)',
        tests: ['epochs/redemption', 'epochs/challenges'],
      },
    ],
  ),
  ...mutantsOf(
    'epochs/EpochChallenges.sol',
    ['epochs/challenges'],
    [
      without('challengeLeaf: without deposit', '_pull(challengeDepositWei);'),
      without('challengeLeaf: an answer is not waited for', '++epoch.openChallenges;'),
      without('revertEpoch: before the answer is due', '_requireAfter(challenge.answerBy);'),
      without('answerLeaf: any answer', '_requireAnswer(header, side, atWei, answer);'),
      without('_close: the same question again and again', 'delete _challenges[key];'),
      {
        name: '_requireAnswer: a leaf beside the wei',
        find: 'require(atWei >= fromWei && atWei < toWei, WrongLeaf(atWei, fromWei, toWei));',
        replace: 'toWei;',
      },
      without(
        '_requireAnswer: a voucher of less',
        'require(answer.maxWei >= leaf.amountWei, VoucherTooSmall(answer.maxWei, leaf.amountWei));',
      ),
    ],
  ),
  ...mutantsOf(
    'epochs/EpochProofs.sol',
    ['epochs/proofs', 'epochs/underpaid'],
    [
      without(
        'proveBadSum: of a good sum',
        'require(uint256(node.leftWei) + node.rightWei != node.claimedWei, NothingWrong());',
      ),
      {
        name: 'proveBadOrder: of a good order',
        find: 'leftFromWei < rightFromWei && _rankOf(side, left) >= _rankOf(side, right)',
        replace: 'leftFromWei < rightFromWei',
      },
      without('proveBadTotals: of good totals', 'require(!inside, NothingWrong());'),
      without('proveUnderpaid: of enough', 'require(toWei - fromWei < note.totalWei, NothingWrong());'),
    ],
  ),
  ...mutantsOf(
    'epochs/Purses.sol',
    ['epochs/purses'],
    [
      without('unreserve: at once', '_requireAfter(purse.leavesAfter);'),
      without('unreserve: the balance stays', '_purseBalances[coordinatorId].take(purseId, amountWei);'),
      without(
        'unreserve: by anybody',
        'require(msg.sender == purse.payer, NotAllowed(purse.payer, msg.sender));',
      ),
      {
        name: '_reserve: nothing is paid in',
        find: '_pull(amountWei);',
        replace: '',
      },
    ],
  ),
  ...mutantsOf(
    'epochs/Redemption.sol',
    ['epochs/redemption'],
    [
      without(
        'redeem: a serial that an epoch settles',
        'require(record.status == SerialStatus.SKIPPED, NotSkipped(coordinatorId, serial));',
      ),
      {
        name: 'redeem: the whole sum again with every voucher',
        find: 'voucher.maxWei - redeemedWei;',
        replace: 'voucher.maxWei;',
      },
      without('redeem: for ever', 'require(block.timestamp <= redeemBy, Expired(redeemBy));'),
      without(
        'redeem: the purse keeps its money',
        '_purseBalances[coordinatorId].take(voucher.purseId, amountWei);',
      ),
      {
        name: 'redeem: the fee is paid on top',
        find: '_earnings.add(voucher.providerId, amountWei - feeWei);',
        replace: '_earnings.add(voucher.providerId, amountWei);',
      },
    ],
  ),
  ...mutantsOf(
    'epochs/Earnings.sol',
    ['epochs/applying', 'epochs/redemption'],
    [
      without('withdrawEarnings: again and again', '_earnings.take(providerId, amountWei);'),
      without('withdrawFees: again and again', '_coordinators[coordinatorId].feesWei = 0;'),
    ],
  ),
  ...mutantsOf(
    'epochs/Coordinators.sol',
    ['epochs/coordinators'],
    [
      without('withdrawBond: at once', '_requireAfter(coordinator.exitAfter);'),
      without('withdrawBond: again and again', 'coordinator.freeBondWei = 0;'),
    ],
  ),
  ...mutantsOf(
    'libraries/SumTree.sol',
    ['epochs/proofs', 'epochs/challenges', 'epochs/attacks'],
    [
      {
        name: 'climb: any sum at the root',
        find: 'ok = hash == root && sumWei == totalWei;',
        replace: 'ok = hash == root;',
      },
    ],
  ),
]
