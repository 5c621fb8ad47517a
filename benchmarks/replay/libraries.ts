/** Builds of the engine for other instruction sets that run on one machine, the fastest first: its kernel classes. */
export const LIBRARIES = ['zen4', 'haswell', 'sse42'] as const
