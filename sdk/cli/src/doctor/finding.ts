import { DuckMeshError } from '@duckmesh/protocol'

/** Result of one check of `doctor`. */
export type Finding = {
  name: string
  status: 'ok' | 'failed' | 'skipped'
  detail: string
  /** What to do; null unless failed. */
  fix: string | null
}

/** Says that something is wrong, and how to mend it. */
export class Trouble extends Error {
  readonly fix: string

  constructor(message: string, fix: string) {
    super(message)
    this.fix = fix
  }
}

/** Runs checks one after the other and keeps what they found. */
export class Examination {
  readonly findings: Finding[] = []

  /**
   * Runs one check.
   * @param needs values of earlier checks; the check is skipped when one of them is undefined
   * @param check gives a detail and a value for later checks; throws `Trouble` or DuckMeshError
   * @returns the value, undefined when the check failed or was skipped
   */
  async examine<T>(
    name: string,
    needs: readonly unknown[],
    check: () => Promise<{ detail: string; value: T }>,
  ): Promise<T | undefined> {
    if (needs.includes(undefined)) {
      this.findings.push({ name, status: 'skipped', detail: 'needs a check above', fix: null })
      return undefined
    }
    try {
      const { detail, value } = await check()
      this.findings.push({ name, status: 'ok', detail, fix: null })
      return value
    } catch (thrown) {
      const fix = thrown instanceof Trouble ? thrown.fix : DuckMeshError.from(thrown).hint
      const detail = thrown instanceof Error ? thrown.message : String(thrown)
      this.findings.push({ name, status: 'failed', detail, fix })
      return undefined
    }
  }
}
