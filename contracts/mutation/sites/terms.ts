import { type Mutant, mutantsOf, without } from '../mutant.ts'

const TESTS = ['governance/fees', 'governance/meshTerms', 'governance/frozenMesh']

/** Fees, terms and freezing. */
export const termsMutants: Mutant[] = [
  ...mutantsOf('governance/TermsStore.sol', TESTS, [
    without('_readTerms: any terms', 'terms.requireInBounds();'),
    without(
      '_readTerms: jobs may live longer than unstaking allows',
      'if (terms.maxJobLifeSeconds > maxJobLifeSeconds) terms.maxJobLifeSeconds = maxJobLifeSeconds;',
    ),
    without('_readTerms: the fee of the version is not kept', '_feeBps[version] = terms.feeBps;'),
    {
      name: '_requireNotFrozen: the last second of a freeze is free',
      find: 'block.timestamp > until',
      replace: 'block.timestamp >= until',
    },
  ]),
  ...mutantsOf('governance/MeshTerms.sol', TESTS, [
    {
      name: 'adoptTerms: anybody, without notice',
      find: 'block.timestamp <= uint256(now_.effectiveAt) + 2 * uint256(maxJobLifeSeconds)',
      replace: 'false',
    },
    {
      name: 'adoptTerms: the notice ends a second early',
      find: 'block.timestamp <= uint256(now_.effectiveAt)',
      replace: 'block.timestamp < uint256(now_.effectiveAt)',
    },
    without('adoptTerms: the new fee takes from what was earned before', '_collect(record.earned.owner());'),
    without('_collect: the owner gets nothing', '_credit(owner, netWei);'),
  ]),
  ...mutantsOf('types/EarnedWord.sol', TESTS, [
    {
      name: 'emptied: the version is lost',
      find: 'EarnedWord.unwrap(w) << 90 >> 90',
      replace: 'EarnedWord.unwrap(w) << 96 >> 96',
    },
  ]),
]
