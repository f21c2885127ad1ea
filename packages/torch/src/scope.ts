import type { Tensor } from './tensor.ts'

// The tensors made since each open scope began, innermost last.
const open: Set<Tensor>[] = []

export function track(tensor: Tensor): void {
  open.at(-1)?.add(tensor)
}

export function untrack(tensor: Tensor): void {
  for (const scope of open) scope.delete(tensor)
}

const isTensor = (value: object): value is Tensor => 'dispose' in value && 'keep' in value && 'toTypedArray' in value

/** The tensors in a returned value: itself, or inside arrays, maps, sets and plain objects. */
function tensorsIn(value: unknown, found = new Set<Tensor>(), seen = new Set<object>()): Set<Tensor> {
  if (typeof value !== 'object' || value === null || seen.has(value)) return found
  seen.add(value)
  if (isTensor(value)) found.add(value)
  else if (Array.isArray(value) || value instanceof Set) for (const item of value) tensorsIn(item, found, seen)
  else if (value instanceof Map) for (const item of value.values()) tensorsIn(item, found, seen)
  else if ([Object.prototype, null].includes(Object.getPrototypeOf(value)))
    for (const item of Object.values(value)) tensorsIn(item, found, seen)
  return found
}

/**
 * Runs `body` and frees every tensor made in it, except those in its result (a tensor, or arrays, maps, sets and plain
 * objects of tensors) and those that `keep()` took out. Scopes nest: what one returns belongs to the next outer one.
 */
export function scope<T>(body: () => T): T {
  const made = new Set<Tensor>()
  open.push(made)
  let kept = new Set<Tensor>()
  try {
    const result = body()
    if (result instanceof Promise) {
      throw new TypeError('scope takes a synchronous function: await outside of it, or free with `using`')
    }
    kept = tensorsIn(result)
    return result
  } finally {
    open.pop()
    for (const tensor of made) {
      if (kept.has(tensor)) track(tensor)
      else tensor.dispose()
    }
  }
}
