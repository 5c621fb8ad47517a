import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * Checks that every relative link of every tracked Markdown file leads to a file that is there.
 * @param root folder of the checkout
 * @returns one sentence for each dead link
 */
export function linkFaults(root: string): string[] {
  const listed = execFileSync('git', ['ls-files', '--', '*.md'], { cwd: root, encoding: 'utf8' })
  const faults: string[] = []
  for (const path of listed.trim().split('\n').filter(Boolean)) {
    const text = readFileSync(join(root, path), 'utf8').replace(/```[\s\S]*?```/g, '')
    for (const [, target] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (!target || /^(https?:|mailto:|#)/.test(target)) continue
      const file = join(root, dirname(path), target.split('#')[0]!)
      if (!existsSync(file)) faults.push(`${path} links to ${target}, which is not there.`)
    }
  }
  return faults
}
