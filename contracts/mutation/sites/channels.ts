import { type Mutant, mutantsOf, without } from '../mutant.ts'

/** Channels: funding, claims and closing. */
export const channelMutants: Mutant[] = [
  ...mutantsOf(
    'channels/Channels.sol',
    ['channels/'],
    [
      {
        name: 'openChannel: by anybody',
        find: 'require(msg.sender == config.payer, NotPayer(config.payer, msg.sender));\n        _requireNotFrozen',
        replace: '_requireNotFrozen',
      },
      without(
        'openChannel: a second time',
        'require(!_channels[channelId].isOpened(), ChannelExists(channelId));',
      ),
      {
        name: 'openChannel: nothing is paid in',
        find: '_debit(msg.sender, _positive(amountWei));\n        _channels[channelId] = ChannelWordLib.pack(amountWei, 0, 0);',
        replace: '_channels[channelId] = ChannelWordLib.pack(amountWei, 0, 0);',
      },
      {
        name: 'topUp: the running close goes on',
        find: 'word.fundedWei() + amountWei, word.claimedWei(), 0)',
        replace: 'word.fundedWei() + amountWei, word.claimedWei(), word.closableAfter())',
      },
      without('close: at once', '_requireAfter(closableAfter);'),
      {
        name: 'close: again and again',
        find: 'ChannelWordLib.pack(word.claimedWei(), word.claimedWei(), 0)',
        replace: 'ChannelWordLib.pack(word.fundedWei(), word.claimedWei(), closableAfter)',
      },
      without('refund: by anybody', '_requireOperator(config.providerId);'),
      {
        name: 'refund: what was claimed, too',
        find: 'require(_positive(amountWei) <= heldWei, Ins',
        replace: 'require(_positive(amountWei) <= word.fundedWei(), Ins',
      },
    ],
  ),
  ...mutantsOf(
    'channels/ChannelClaims.sol',
    ['channels/'],
    [
      {
        name: '_claimOne: beyond the voucher',
        find: ' || item.cumulativeWei > item.maxCumulativeWei) return 0;',
        replace: ') return 0;',
      },
      {
        name: '_claimOne: beyond what was paid in',
        find: 'item.cumulativeWei < fundedWei ? item.cumulativeWei : fundedWei',
        replace: 'item.cumulativeWei',
      },
      {
        name: '_claimOne: a channel of another provider',
        find: 'item.config.providerId != providerId || item',
        replace: 'item',
      },
      without(
        '_claimOne: a voucher of somebody else',
        'if (Signatures.recoverAt(digest, voucherSigs, index) != item.config.payerKey) return 0;',
      ),
      {
        name: '_claimOne: the whole sum again with every voucher',
        find: 'amountWei = upToWei - claimedWei;',
        replace: 'amountWei = upToWei;',
      },
      without('claim: nothing is earned', '_earn(providerId, totalWei);'),
    ],
  ),
]
