/**
 * Taking punches in so that delivery hears of it. Owns when there is something to tell: what was known
 * already wakes nobody. Must not know who takes in, nor who delivers.
 */

export function waking<Upload, Added extends { readonly fresh: number; readonly rejects: number }>(
  add: (upload: Upload) => Promise<Added>,
  wake: () => void,
): (upload: Upload) => Promise<Added> {
  return async (upload) => {
    const added = await add(upload);
    if (added.fresh > 0 || added.rejects > 0) wake();
    return added;
  };
}
