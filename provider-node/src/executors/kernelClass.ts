/** True when llama.cpp's system information names the feature as compiled in and usable. */
function has(systemInfo: string, feature: string): boolean {
  return new RegExp(`(^|[ |:])${feature} = 1( |$)`).test(systemInfo)
}

const armFeatures = ['FP16_VA', 'DOTPROD', 'MATMUL_INT8', 'SVE', 'SME'] as const

/**
 * Names the class of CPU kernels that does the arithmetic. Nodes of one class give bit-identical tokens for the
 * same model, engine version and request; nodes of different classes often do not.
 *
 * Read from llama.cpp's own description of the library that it loaded, not from the CPU: a fast CPU with a plain
 * library computes like the plain library. The borders were measured (see the README of this folder): all six
 * AVX-512 libraries agree, AVX2 with and without VNNI agree, the three AVX libraries do not. AMX and the ARM
 * classes could not be measured and are therefore kept apart.
 *
 * @param systemInfo `llama.systemInfo`, e.g. `CPU : SSE3 = 1 | SSSE3 = 1 | AVX = 1 | … | `
 * @param architecture `process.arch`
 */
export function kernelClass(systemInfo: string, architecture: string): string {
  if (architecture === 'arm64') {
    const found = armFeatures.filter((feature) => has(systemInfo, feature))
    return ['arm64', ...found.map((feature) => feature.toLowerCase().replaceAll('_', '-'))].join('+')
  }
  if (architecture !== 'x64') return architecture
  if (has(systemInfo, 'AMX_INT8')) return 'amx'
  if (has(systemInfo, 'AVX512')) return 'avx512'
  if (has(systemInfo, 'AVX2')) return 'avx2'
  if (has(systemInfo, 'AVX')) {
    if (has(systemInfo, 'FMA')) return 'avx-fma'
    return has(systemInfo, 'F16C') ? 'avx-f16c' : 'avx'
  }
  return has(systemInfo, 'SSSE3') ? 'sse42' : 'x64'
}
