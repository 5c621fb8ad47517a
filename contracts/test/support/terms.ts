import { connect, NOTICE_SECONDS, PARAMS, TERMS, time, type World } from './mesh.ts'

/** Seconds after which anybody may move a provider to newer terms, counted from their first second. */
export const ADOPTION_SECONDS = 2 * PARAMS.maxJobLifeSeconds

/** Terms that differ from {@link TERMS} take effect, and the mesh knows of them. */
export async function changeTerms(world: World, changes: Partial<typeof TERMS>): Promise<void> {
  await connect(world.meshParams, world.deployer).publish({ ...TERMS, ...changes })
  await time.increase(NOTICE_SECONDS)
  await connect(world.mesh, world.stranger).syncTerms()
}

/** New work stops in the mesh. @returns the last second of it */
export async function freeze(world: World, seconds = 3_600): Promise<number> {
  await connect(world.meshParams, world.deployer).freeze(seconds, [await world.mesh.getAddress()])
  return (await time.latest()) + seconds - 1
}
