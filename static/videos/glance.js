// What is under the pointer on the line of one video: a sprite and its time.
import { Sprites } from "./sprites.js";
import { clock } from "./times.js";

const THUMB = 14; // pixels; its middle runs from half of it to half of it before the end

/** `length` answers with the seconds that the whole of `line` stands for. */
export function wireGlance(line, length) {
  const glance = line.querySelector(".glance");
  const canvas = glance.querySelector("canvas");
  const sprites = line.dataset.sprites ? new Sprites(() => line.dataset.sprites) : null;

  async function show(event) {
    if (event.pointerType === "touch" && !event.buttons) return;
    const box = line.getBoundingClientRect();
    const share = Math.min(Math.max((event.clientX - box.left - THUMB / 2) / (box.width - THUMB), 0), 1);
    const seconds = share * length();
    glance.querySelector("figcaption").textContent = clock(seconds);
    glance.hidden = false;
    place(event.clientX - box.left, box.width);
    if (!(await sprites?.draw(canvas, seconds))) return;
    canvas.hidden = false;
    place(event.clientX - box.left, box.width);
  }

  function place(x, width) {
    const half = glance.offsetWidth / 2;
    glance.style.left = `${Math.min(Math.max(x, half), width - half)}px`;
  }

  function hide() {
    sprites?.forget();
    glance.hidden = true;
  }

  line.addEventListener("pointermove", show);
  line.addEventListener("pointerleave", hide);
  line.addEventListener("pointercancel", hide);
}
