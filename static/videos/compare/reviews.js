// @ts-check
// Mark differences as expected or to fix without loading the page again, and filter the list by that.
import { RequestError } from "../../sage/request.js";
import { showToast } from "../../sage/toast.js";

const NO_RESPONSE = "The server did not respond. The review was not saved.";
const TIME_LIMIT_MS = 15_000;

export class DifferenceReviews extends EventTarget {
  /**
   * @param {HTMLElement} root
   * @param {any} data The page's data.
   */
  constructor(root, data) {
    super();
    this.nav = root.querySelector("#review-filter"); // null on a page that is read-only
    this.noMatch = root.querySelector("#no-match");
    /** @type {string} */
    this.filter = data.review;
    /** @type {Record<number, string>} */
    this.reviews = data.reviews;
    /** @type {Record<number, number>} */
    this.noteCounts = data.note_counts;
    this.nav?.addEventListener("click", (event) => this.#choose(event));
    root.querySelector("#differences").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save(/** @type {HTMLFormElement} */ (event.target), event.submitter);
    });
    document.addEventListener("sage:topic:reviews", ({ detail }) => {
      if (detail.comparison_id === root.dataset.comparison) this.#set(detail);
    });
    document.addEventListener("sage:note-counts", ({ detail }) => {
      this.noteCounts = detail;
      this.dispatchEvent(new Event("change"));
    });
  }

  /**
   * Return the differences that the filter shows, and update the numbers of the filters.
   * @param {Segment[]} differences
   */
  select(differences) {
    if (!this.nav) return differences;
    /** @type {Record<string, number>} */
    const counts = { "": differences.length };
    for (const { index } of differences) {
      const review = this.reviews[index] ?? "none";
      counts[review] = (counts[review] ?? 0) + 1;
    }
    this.nav.hidden = differences.length === 0;
    for (const link of this.nav.querySelectorAll("a")) {
      link.querySelector("small").textContent = String(counts[link.dataset.review] ?? 0);
      link.toggleAttribute("aria-current", link.dataset.review === this.filter);
      if (link.dataset.review === this.filter) link.setAttribute("aria-current", "true");
    }
    const selected = differences.filter(({ index }) => !this.filter || (this.reviews[index] ?? "none") === this.filter);
    this.noMatch.hidden = selected.length > 0 || differences.length === 0;
    return selected;
  }

  /**
   * Show the review and the number of notes in a row.
   * @param {HTMLElement} row
   * @param {Segment} segment
   */
  draw(row, segment) {
    const form = row.querySelector("form");
    if (!form) return;
    const review = this.reviews[segment.index] ?? "";
    row.id = `difference-${segment.index}`;
    if (review) row.dataset.review = review;
    else delete row.dataset.review;
    form.action = form.getAttribute("action").replace(/differences\/\d+\//, `differences/${segment.index}/`);
    /** @type {HTMLInputElement} */ (form.elements.namedItem("starts")).value = [segment.a, segment.b]
      .map((span) => (span ? span[0].toFixed(3) : ""))
      .join("/");
    for (const button of form.querySelectorAll("button")) {
      const isSet = button.dataset.review === review;
      button.value = isSet ? "" : button.dataset.review;
      button.setAttribute("aria-pressed", String(isSet));
    }
    /** @type {HTMLAnchorElement} */
    const link = form.querySelector(".difference-notes");
    if (!link) return;
    const count = this.noteCounts[segment.index] ?? 0;
    link.dataset.difference = String(segment.index);
    link.href = `?panel=notes&difference=${segment.index}#notes`;
    link.querySelector("span").textContent = count ? `${count} note${count === 1 ? "" : "s"}` : "Add a note";
  }

  /** @param {{index: number, review: string | null}} change */
  #set({ index, review }) {
    if ((this.reviews[index] ?? null) === review) return;
    if (review) this.reviews[index] = review;
    else delete this.reviews[index];
    this.dispatchEvent(new Event("change"));
  }

  /** @param {MouseEvent} event */
  #choose(event) {
    const link = /** @type {Element} */ (event.target).closest("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.filter = link.dataset.review;
    const address = new URL(location.href);
    if (this.filter) address.searchParams.set("review", this.filter);
    else address.searchParams.delete("review");
    history.replaceState(history.state, "", address);
    this.dispatchEvent(new Event("change"));
  }

  /**
   * @param {HTMLFormElement} form
   * @param {HTMLElement} button
   */
  async #save(form, button) {
    if (form.ariaBusy === "true") return;
    form.ariaBusy = "true";
    try {
      const response = await fetch(form.action, {
        method: "POST",
        body: new FormData(form, button),
        headers: { Accept: "application/json" },
        signal: AbortSignal.timeout(TIME_LIMIT_MS),
      });
      const data = await response.json();
      if (!response.ok) throw new RequestError(data.error.message, response.status);
      this.#set(data);
    } catch (error) {
      showToast(error instanceof RequestError ? error.message : NO_RESPONSE);
    } finally {
      form.ariaBusy = null;
    }
  }
}
