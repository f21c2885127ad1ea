/** From minutes on a laptop to the published training. */
export const presetNames = ['quick', 'cpu', 'gpu', 'paper'] as const
export type PresetName = (typeof presetNames)[number]
