/** The rows of the table, from the plainest objective to the strongest descendant. */
export const systemNames = ['classifier', 'robust-classifier', 'jem', 'jem++', 'robust-jem', 'sada-jem', 'dat'] as const
export type SystemName = (typeof systemNames)[number]
