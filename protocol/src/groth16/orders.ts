/** Order of the field that the coordinates of points are in. Source: EIP-197. */
export const BASE_FIELD_ORDER = 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47n
/** Order of the groups, and of the field of a circuit: signals are below it. Source: EIP-197. */
export const GROUP_ORDER = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001n
