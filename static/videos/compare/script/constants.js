// Generated from Python by `python manage.py write_script_constants`: see videos/comparisons/script_constants.py.
// biome-ignore-all format: generated
export const OP_CODES = { equal: "e", changed: "c", inserted: "i", deleted: "d", moved: "m" };
export const LETTERS = { equal: "", changed: "C", inserted: "I", deleted: "D", moved: "M" };
export const MEDIUM_FROM = 1.5;
export const HIGH_FROM = 3;
export const MEDIUM_SHARE = 0.02;
export const HIGH_SHARE = 0.1;
export const THRESHOLD_TOLERANCE = 1e-6;
export const REPLACED_DISTANCE = 1;
export const WHOLE_PICTURE_AREA = 0.85;
export const FRAME_VERBS = { deleted: "dropped", inserted: "inserted", moved: "moved" };
export const KIND_TITLES = {
  text_or_logo_added: "Logo or text added",
  text_or_logo_removed: "Logo or text removed",
  text_changed: "Text changed",
  replaced: "Replaced",
  regraded: "Colours changed",
  softer: "Softer",
  sharper: "Sharper",
  noisier: "Noisier",
  pixelated: "Pixelated",
  mirrored: "Mirrored",
  reframed: "Reframed",
  negated: "Negative",
  grey: "Without colour",
  frozen: "Frozen",
  retimed: "Speed changed",
  transition: "Transition changed",
  glitch: "Glitch",
};
export const SHOT_FROM_SECONDS = 0.25;
export const MIDDLE_FROM = 0.36;
export const MIDDLE_TO = 0.64;
export const MAX_DIFFERING_PERCENT = 99.9;
export const SEVERITY_SHARES = { low: 0.3, medium: 0.62, high: 1 };
export const VIEW_MODES = ["side", "wipe", "overlay", "difference", "flick"];
export const LINK_PARAMETERS = ["view", "threshold", "wipe", "overlay", "gain", "offset_a", "offset_b"];
export const MAX_BARS = 150;
