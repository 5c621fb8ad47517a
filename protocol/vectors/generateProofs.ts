import { writeFileSync } from 'node:fs'
import { type Hex, hashTypedData, keccak256, toHex } from 'viem'
import {
  attestedResultTypedData,
  keyAttestationTypedData,
  referenceVerdictTypedData,
} from '../src/proof/statements.ts'
import { agentIdOf, taskInputOf } from '../src/proof/taskInput.ts'
import {
  agentProofProfileOf,
  type Verification,
  verificationDigestOf,
} from '../src/proof/verificationDigest.ts'

// Golden vectors of proofs: written once by `node protocol/vectors/generateProofs.ts`, then only read, by the TypeScript
// tests (viem) and the contract tests (Solidity and ethers). A change here is a change of the protocol.

const word = (label: string): Hex => keccak256(toHex(label))
const write = (name: string, value: unknown) =>
  writeFileSync(new URL(`./${name}.json`, import.meta.url), `${JSON.stringify(value, null, 2)}\n`)

const passed: Verification = {
  taskId: word('task'),
  agentId: agentIdOf(7),
  inputHash: word('input'),
  outputHash: word('output'),
  valid: true,
  agentProofProfile: agentProofProfileOf(
    '0x5FbDB2315678afecb367f032d93F642f64180aa3',
    word('profile'),
    '0x00000001',
  ),
  timestampSeconds: 1_900_000_000,
  verifier: '0xe7f1725e7734ce288f8367e1bb143e90bb3f0512',
  chainId: 1,
}
const failed: Verification = {
  ...passed,
  outputHash: `0x${'00'.repeat(32)}`,
  valid: false,
  timestampSeconds: 2 ** 40 - 1,
  chainId: 11_155_111,
}

write(
  'verification-digest',
  [
    { name: 'a valid proof on mainnet', fields: passed },
    { name: 'an invalid proof on a chain with a long id', fields: failed },
  ].map((vector) => ({
    ...vector,
    taskInput: taskInputOf(vector.fields),
    digest: verificationDigestOf(vector.fields),
  })),
)

const domain = { chainId: 31337, verifyingContract: '0x5FbDB2315678afecb367f032d93F642f64180aa3' } as const
const statements = [
  attestedResultTypedData(domain, { taskInput: taskInputOf(passed), outputHash: passed.outputHash }),
  keyAttestationTypedData(domain, {
    enclaveKey: '0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512',
    measurement: word('measurement'),
    expiresAt: 2 ** 40 - 1,
    nonce: word('challenge'),
    quoteHash: word('quote'),
  }),
  referenceVerdictTypedData(domain, {
    taskInput: taskInputOf(passed),
    outputHash: passed.outputHash,
    matches: true,
    scoreBps: 9_500,
  }),
  referenceVerdictTypedData(domain, {
    taskInput: taskInputOf(failed),
    outputHash: failed.outputHash,
    matches: false,
    scoreBps: 0,
  }),
]

write(
  'proof-statements',
  statements.map((statement) => ({
    domain: statement.domain,
    struct: statement.primaryType,
    message: statement.message,
    digest: hashTypedData(statement as never),
  })),
)
