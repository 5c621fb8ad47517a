import { type ParamType, ZeroAddress } from 'ethers'

/** The empty value of a type. */
export function zeroOf(param: ParamType): unknown {
  if (param.isArray()) return []
  if (param.isTuple()) return param.components?.map(zeroOf)
  if (param.type === 'string') return ''
  if (param.type === 'bool') return false
  if (param.type === 'address') return ZeroAddress
  if (param.type === 'bytes') return '0x'
  if (param.type.startsWith('bytes')) return `0x${'00'.repeat(Number(param.type.slice(5)))}`
  return 0
}
