import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { kernelClass } from './kernelClass.ts'
import { llamaRuntime } from './llamaRuntime.ts'

/** What each library of @node-llama-cpp/linux-x64 3.22.1 says of itself, with the class that its tokens fall into. */
const libraries = [
  ['x64', 'CPU : LLAMAFILE = 1 | REPACK = 1 | '],
  ['sse42', 'CPU : SSE3 = 1 | SSSE3 = 1 | LLAMAFILE = 1 | REPACK = 1 | '],
  ['avx', 'CPU : SSE3 = 1 | SSSE3 = 1 | AVX = 1 | LLAMAFILE = 1 | REPACK = 1 | '],
  ['avx-f16c', 'CPU : SSE3 = 1 | SSSE3 = 1 | AVX = 1 | F16C = 1 | LLAMAFILE = 1 | REPACK = 1 | '],
  ['avx-fma', 'CPU : SSE3 = 1 | SSSE3 = 1 | AVX = 1 | F16C = 1 | FMA = 1 | LLAMAFILE = 1 | REPACK = 1 | '],
  ['avx2', 'CPU : SSE3 = 1 | SSSE3 = 1 | AVX = 1 | AVX2 = 1 | F16C = 1 | FMA = 1 | BMI2 = 1 | REPACK = 1 | '],
  [
    'avx2',
    'CPU : SSE3 = 1 | SSSE3 = 1 | AVX = 1 | AVX_VNNI = 1 | AVX2 = 1 | F16C = 1 | FMA = 1 | BMI2 = 1 | ',
  ],
  ['avx512', 'CPU : AVX = 1 | AVX2 = 1 | F16C = 1 | FMA = 1 | BMI2 = 1 | AVX512 = 1 | REPACK = 1 | '],
  [
    'avx512',
    'CPU : AVX2 = 1 | AVX512 = 1 | AVX512_VBMI = 1 | AVX512_VNNI = 1 | AVX512_BF16 = 1 | REPACK = 1 | ',
  ],
  ['amx', 'CPU : AVX2 = 1 | AVX512 = 1 | AVX512_BF16 = 1 | AMX_INT8 = 1 | REPACK = 1 | '],
] as const

describe('kernelClass', () => {
  for (const [expected, systemInfo] of libraries) {
    test(`${expected} from ${systemInfo}`, () => assert.equal(kernelClass(systemInfo, 'x64'), expected))
  }

  test('a feature that is compiled in but off does not count', () => {
    assert.equal(kernelClass('CPU : SSSE3 = 1 | AVX = 1 | AVX2 = 0 | AVX512 = 0 | ', 'x64'), 'avx')
  })

  test('ARM classes name each feature that changes the arithmetic', () => {
    assert.equal(kernelClass('CPU : NEON = 1 | ARM_FMA = 1 | ', 'arm64'), 'arm64')
    const graviton = 'CPU : NEON = 1 | ARM_FMA = 1 | FP16_VA = 1 | MATMUL_INT8 = 1 | SVE = 1 | DOTPROD = 1 | '
    assert.equal(kernelClass(graviton, 'arm64'), 'arm64+fp16-va+dotprod+matmul-int8+sve')
  })

  test('the library of this machine has a class', async () => {
    const { systemInfo } = await llamaRuntime()
    const found = kernelClass(systemInfo, process.arch)
    assert.match(found, /^(x64|sse42|avx|avx-f16c|avx-fma|avx2|avx512|amx|arm64\S*)$/, systemInfo)
  })
})
