/**
 * JSON text of a value with every bigint as a decimal string: the one wire form of amounts.
 * @param value JSON value, bigints allowed
 * @example stringifyWire({ priceWei: 5n }) // '{"priceWei":"5"}'
 */
export const stringifyWire = (value: unknown, indent?: number): string =>
  JSON.stringify(value, (_key, field) => (typeof field === 'bigint' ? field.toString() : field), indent)
