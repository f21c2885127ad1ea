/** A learning-rate schedule is a function of the step (0, 1, …) that gives a factor of the base rate. Factors multiply. */
export type Schedule = (step: number) => number

/** Linear from 0 at step 0 to 1 at step `steps`. */
export const warmUp =
  (steps: number): Schedule =>
  (step) =>
    steps > 0 ? Math.min(1, step / steps) : 1

/** × `factor` at each milestone step. */
export const milestones =
  (at: readonly number[], factor: number): Schedule =>
  (step) =>
    factor ** at.filter((milestone) => step >= milestone).length

/** ½(1 + cos(π·step/steps)): from 1 to 0. */
export const cosine =
  (steps: number): Schedule =>
  (step) =>
    0.5 * (1 + Math.cos(Math.PI * Math.min(1, step / steps)))

/** The product of schedules. */
export const product =
  (...schedules: readonly Schedule[]): Schedule =>
  (step) =>
    schedules.reduce((factor, schedule) => factor * schedule(step), 1)
