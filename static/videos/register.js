// Laying B's picture over A's so that what they share lies on itself: mirrored back, and moved from the box of its frame
// that matches to the box of A's frame that does.

const WHOLE = { x: 0, y: 0, width: 1, height: 1 };

/**
 * The matrix [scale x, scale y, shift x, shift y], in pixels of a screen of `width` by `height` in which both pictures, each
 * {width, height}, lie as large as they fit.
 */
export function matrix(transforms, a, b, width, height) {
  const { boxes, across, down } = geometry(transforms);
  const from = within(fitted(b, width, height), boxes.b);
  const to = within(fitted(a, width, height), boxes.a);
  const scaleX = ((across ? -1 : 1) * to.width) / from.width;
  const scaleY = ((down ? -1 : 1) * to.height) / from.height;
  return [scaleX, scaleY, to.x + (across ? to.width : 0) - scaleX * from.x, to.y + (down ? to.height : 0) - scaleY * from.y];
}

/** A box of B's frame as it lies on A's, both as fractions. */
export function onA({ x, y, width, height }, transforms) {
  const { boxes, across, down } = geometry(transforms);
  const along = (start, length, [from, fromLength], [to, toLength], flipped) => {
    const size = length / fromLength;
    const place = (start - from) / fromLength;
    return [to + (flipped ? 1 - place - size : place) * toLength, size * toLength];
  };
  const [left, wide] = along(x, width, [boxes.b.x, boxes.b.width], [boxes.a.x, boxes.a.width], across);
  const [top, high] = along(y, height, [boxes.b.y, boxes.b.height], [boxes.a.y, boxes.a.height], down);
  return { x: left, y: top, width: wide, height: high };
}

/** Keep B's picture over A's while the screen changes its size. */
export function wireRegister(root, data) {
  const screen = root.querySelector("#player-b .screen");
  const size = (side) => ({ width: data[side].width || 16, height: data[side].height || 9 });
  const lay = () => {
    const { clientWidth, clientHeight } = screen;
    if (!clientWidth) return;
    const [scaleX, scaleY, x, y] = matrix(data.script.transforms, size("a"), size("b"), clientWidth, clientHeight);
    screen.style.setProperty("--register", `matrix(${scaleX}, 0, 0, ${scaleY}, ${x}, ${y})`);
  };
  new ResizeObserver(lay).observe(screen);
  lay();
}

/** The boxes that match on either side, and which ways B is mirrored. See videos/diff/transforms.py. */
function geometry(transforms) {
  const boxes = { a: WHOLE, b: WHOLE };
  let mirror = "";
  for (const { kind, value } of transforms) {
    if (kind === "mirror") mirror = value;
    if ((kind === "crop" || kind === "letterbox") && value?.side) boxes[value.side] = value;
  }
  return { boxes, across: mirror === "horizontal" || mirror === "both", down: mirror === "vertical" || mirror === "both" };
}

function fitted(picture, width, height) {
  const scale = Math.min(width / picture.width, height / picture.height);
  const size = { width: picture.width * scale, height: picture.height * scale };
  return { ...size, x: (width - size.width) / 2, y: (height - size.height) / 2 };
}

function within(frame, box) {
  return {
    x: frame.x + box.x * frame.width,
    y: frame.y + box.y * frame.height,
    width: box.width * frame.width,
    height: box.height * frame.height,
  };
}
