import type { BaseContract } from 'ethers'
import { ethers } from './mesh.ts'

/**
 * A call as a transaction, so that contracts and precompiles are as cold as on a chain.
 * @returns gas with the 21,000 and the calldata, and without
 */
export async function gasOf(contract: BaseContract, name: string, args: unknown[]) {
  const [sender] = await ethers.getSigners()
  const data = contract.interface.encodeFunctionData(name, args)
  const sent = await sender.sendTransaction({ to: await contract.getAddress(), data, gasLimit: 16_000_000 })
  const receipt = await sent.wait()
  if (!receipt) throw new Error('No receipt')
  const calldata = ethers.getBytes(data).reduce((sum, byte) => sum + (byte === 0 ? 4n : 16n), 0n)
  return { whole: receipt.gasUsed, execution: receipt.gasUsed - 21_000n - calldata }
}
