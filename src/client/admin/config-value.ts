/** The value of a config; Kafka has them all as text. */
export type ConfigValue = string | number | boolean

/** `value` as Kafka writes it. */
export function configText(value: ConfigValue): string {
  return String(value)
}
