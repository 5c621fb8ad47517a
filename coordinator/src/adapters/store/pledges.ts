import { type Order, rounds } from '@duckmesh/protocol'
import { sql, type Transaction } from 'kysely'
import type { Funds, Refusal, TaskBounds } from '../../ports/funds.ts'
import { type Database, OPEN_TASKS, UNPAID_JOBS } from './schema.ts'

/** Space of the locks of requesters, apart from other advisory locks of this database. */
const REQUESTER_LOCKS = 0xd0c5

/**
 * Lets one order of a requester in at a time, whichever process takes it: others wait until the transaction ends.
 * Source: PostgreSQL documentation, "Advisory Locks".
 */
export async function lockRequester(tx: Transaction<Database>, requester: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(${REQUESTER_LOCKS}::int, hashtext(${requester}))`.execute(tx)
}

/**
 * The rule of what a requester has pledged: the prices of all its orders that are open here and not paid yet, jobs and
 * proof tasks alike. A job in a later round is in escrow on chain; a stream has its channel.
 * @param tx transaction that holds `lockRequester`
 * @returns why the order may not be kept; undefined when it may
 */
export async function refusalOf(
  tx: Transaction<Database>,
  { requester, nonce, priceWei }: Order,
  { freeWei, askedAtMs }: Funds,
  bounds?: TaskBounds,
): Promise<Refusal | undefined> {
  const { rows } = await sql<{ is_used: boolean | null; pledged: string; tasks: string }>`
    select bool_or(is_open and nonce = ${nonce.toString()}) as is_used,
      coalesce(sum(price_wei::numeric) filter (where is_pledged), 0)::text as pledged,
      count(*) filter (where is_open and is_task) as tasks
    from (
      select nonce, price_wei, false as is_task, due_at_ms is not null as is_open,
        (due_at_ms is not null and round = ${rounds.first} and state in (${sql.join(UNPAID_JOBS)}))
          or updated_at_ms >= ${askedAtMs} as is_pledged
      from jobs
      where requester = ${requester} and (due_at_ms is not null or updated_at_ms >= ${askedAtMs})
      union all
      select nonce, price_wei, true, state in (${sql.join(OPEN_TASKS)}), true
      from proof_tasks
      where requester = ${requester} and (state in (${sql.join(OPEN_TASKS)}) or updated_at_ms >= ${askedAtMs})
    ) as orders`.execute(tx)
  const [found] = rows
  if (found!.is_used) return { refused: 'nonce' }
  if (bounds && Number(found!.tasks) >= bounds.mostOfRequester)
    return { refused: 'tasks', limit: bounds.mostOfRequester }
  const neededWei = BigInt(found!.pledged) + priceWei
  if (neededWei > freeWei) return { refused: 'funds', neededWei }
  if (bounds && (await countOpenTasks(tx)) >= bounds.mostInAll) return { refused: 'queue' }
  return undefined
}

async function countOpenTasks(tx: Transaction<Database>): Promise<number> {
  // two counts, since each has an index of its own
  const { rows } = await sql<{ open: string }>`
    select (select count(*) from proof_tasks where state = 'pending')
      + (select count(*) from proof_tasks where state in ('assigned', 'in_progress')) as open`.execute(tx)
  return Number(rows[0]!.open)
}
