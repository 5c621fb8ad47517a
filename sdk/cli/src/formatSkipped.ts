import type { Skipped } from '@duckmesh/protocol'
import { formatTable } from './formatTable.ts'

/**
 * Who was not taken, why, and what would have to change, as an aligned table.
 * @param indent spaces before each row
 */
export const formatSkipped = (skipped: readonly Skipped[], indent = 0): string =>
  formatTable(
    skipped.map(({ providerId, reason, fix }) => [`provider ${providerId}`, reason, fix]),
    indent,
  )
