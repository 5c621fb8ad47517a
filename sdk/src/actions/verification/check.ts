/** One thing that was checked, by a stable name. */
export type Check = {
  name: string
  ok: boolean
  /** What was compared, or what is wrong; for people. */
  detail: string
}

/** Collects checks in order. */
export type CheckList = {
  checks: Check[]
  /**
   * Notes one check.
   * @param problems what is wrong; none = the check holds
   * @param holds what to say when it holds
   */
  add(name: string, problems: readonly string[], holds: string): void
}

/** Creates an empty list. */
export function createCheckList(): CheckList {
  const checks: Check[] = []
  return {
    checks,
    add: (name, problems, holds) => {
      const ok = problems.length === 0
      checks.push({ name, ok, detail: ok ? holds : problems.join('; ') })
    },
  }
}
