// Trying on for half a day: a night without a connection ends no upload, nor does a network that wants a login first.
import { RequestError, isFinal, pause } from "../sage/request.js";

const LONGEST_MS = 30000;
export const AGAIN_AFTER_MS = [500, 1000, 2000, 4000, 8000, 15000, ...Array(12 * 120).fill(LONGEST_MS)];

/** Whether it may pass: no answer, or one of a server that is in trouble. */
export const isPassing = (error) => error instanceof RequestError && !isFinal(error);

/** How long to wait after so many failures in a row. */
export const waitAfter = (failures, { wait = 0 }) => Math.max(AGAIN_AFTER_MS[failures] ?? LONGEST_MS, wait * 1000);

/** Try `work` until it succeeds or fails for good; `told` hears of each failure that `passes`. */
export async function persist(work, signal, told, passes = isPassing) {
  for (let failures = 0; ; failures += 1) {
    try {
      return await work();
    } catch (error) {
      if (!passes(error) || signal?.aborted || failures === AGAIN_AFTER_MS.length) throw error;
      told(error);
      await pause(waitAfter(failures, error));
      signal?.throwIfAborted();
    }
  }
}
