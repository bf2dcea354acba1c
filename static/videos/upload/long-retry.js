// @ts-check
// Retry for half a day, so that an upload survives a night without a connection or a network that asks for a login.
import { delay, isFinal, RequestError } from "../../sage/request.js";

const LONGEST_DELAY_MS = 30000;
export const RETRY_DELAYS_MS = [500, 1000, 2000, 4000, 8000, 15000, ...Array(12 * 120).fill(LONGEST_DELAY_MS)];

/**
 * Return whether a retry may succeed: there was no response, or the server has a problem.
 * @param {any} error
 */
export const isRetryable = (error) => error instanceof RequestError && !isFinal(error);

/**
 * Return the milliseconds to wait after some failures in a row.
 * @param {number} failures
 * @param {{wait?: number}} error
 */
export const retryDelay = (failures, { wait = 0 }) =>
  Math.max(RETRY_DELAYS_MS[failures] ?? LONGEST_DELAY_MS, wait * 1000);

/**
 * Call `send` until it succeeds or fails for good.
 * @template T
 * @param {() => Promise<T>} send
 * @param {AbortSignal | undefined} signal
 * @param {(error: RequestError) => void} onFailure Called for each failure that is retried.
 * @param {(error: any) => boolean} [canRetry]
 * @returns {Promise<T>}
 */
export async function retryForHours(send, signal, onFailure, canRetry = isRetryable) {
  for (let failures = 0; ; failures += 1) {
    try {
      return await send();
    } catch (error) {
      if (!canRetry(error) || signal?.aborted || failures === RETRY_DELAYS_MS.length) throw error;
      onFailure(error);
      await delay(retryDelay(failures, error));
      signal?.throwIfAborted();
    }
  }
}
