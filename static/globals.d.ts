// Types of the pages: selectors return HTML elements, and events of Sage and htmx have their details.

interface ParentNode {
  querySelector<K extends keyof HTMLElementTagNameMap>(selectors: K): HTMLElementTagNameMap[K];
  querySelector<E extends Element = HTMLElement>(selectors: string): E;
  querySelectorAll<K extends keyof HTMLElementTagNameMap>(selectors: K): NodeListOf<HTMLElementTagNameMap[K]>;
  querySelectorAll<E extends Element = HTMLElement>(selectors: string): NodeListOf<E>;
}

interface Element {
  closest<E extends Element = HTMLElement>(selectors: string): E;
}

interface Document {
  getElementById<E extends HTMLElement = HTMLElement>(id: string): E;
}

/** An event of the topic `work` of the live socket. */
interface WorkEvent {
  video_id?: string;
  comparison_id?: string;
  status?: "pending" | "in_progress" | "completed" | "failed";
  job?: string;
  progress?: number;
}

/** An event of the topic `balance` of the live socket. */
interface BalanceEvent {
  token_balance: number;
  held: number;
  number: number;
}

/** An event of the topic `notes` of the live socket. */
interface NoteEvent {
  note_id: string | null;
  video_id: string;
}

/** An event of the topic `reviews` of the live socket. `index` is the place of the stored segment. */
interface ReviewEvent {
  comparison_id: string;
  index: number;
  review: string | null;
}

/** An event of the topic `conversations` of the live socket. `status` is that of an answer, or empty. */
interface ConversationEvent {
  conversation_id: string;
  message_id: string | null;
  status: string;
}

/** Where both sides of a comparison are, in seconds. `shown` are the sides that have this footage. */
interface PositionDetail {
  a: number;
  b: number;
  lead: "a" | "b";
  shown: ("a" | "b")[];
}

interface DocumentEventMap {
  "sage:position": CustomEvent<PositionDetail>;
  "sage:side": CustomEvent<{ side: "a" | "b" }>;
  "sage:seek": CustomEvent<{ side: "a" | "b"; seconds: number }>;
  "sage:note-counts": CustomEvent<Record<number, number>>;
  "sage:topic:conversations": CustomEvent<ConversationEvent>;
  "sage:topic:notes": CustomEvent<NoteEvent>;
  "sage:topic:reviews": CustomEvent<ReviewEvent>;
  "sage:topic:work": CustomEvent<WorkEvent>;
  "sage:topic:balance": CustomEvent<BalanceEvent>;
  "sage:changed": CustomEvent<null>;
  "sage:poll": CustomEvent<null>;
  "sage:refreshed": CustomEvent<{ id: string } | null>;
  "htmx:afterSettle": CustomEvent;
  "htmx:beforeRequest": CustomEvent;
  "htmx:beforeSwap": CustomEvent;
  "htmx:responseError": CustomEvent;
}

interface Window {
  htmx: { swap(target: string, content: string, spec: { swapStyle: string }): void };
}

/** The interface of browsers for extensions. Pages have it only if an extension names them. */
// biome-ignore lint/suspicious/noExplicitAny: its types are a package of their own
declare const chrome: any;

// Types of our modules, because collectstatic would treat an import type in a module as an import.
type Alignment = import("./videos/compare/script/alignment.js").Alignment;
type Bar = import("./videos/compare/timeline/timeline-layout.js").Bar;
type Box = import("./videos/compare/script/alignment.js").Box;
type Classification = import("./videos/compare/script/severities.js").Classification;
type DifferenceLoop = import("./videos/compare/playback/loop.js").DifferenceLoop;
type EditScript = import("./videos/compare/script/rethreshold.js").EditScript;
type FileIdentity = import("./videos/upload/resumable-uploads.js").FileIdentity;
type FrameOffsets = import("./videos/compare/playback/offsets.js").FrameOffsets;
type Interval = import("./videos/compare/script/alignment.js").Interval;
type JsonOptions = import("./sage/request.js").JsonOptions;
type Lane = import("./videos/compare/script/severities.js").Lane;
type Op = import("./videos/compare/script/alignment.js").Op;
type PageAddress = import("./videos/compare/page-address.js").PageAddress;
type Palette = import("./sage/palette.js").Palette;
type Position = import("./videos/compare/script/alignment.js").Position;
type RequestError = import("./sage/request.js").RequestError;
type Ribbon = import("./videos/compare/timeline/timeline-layout.js").Ribbon;
type ScriptState = import("./videos/compare/script/script-state.js").ScriptState;
type Region = import("./videos/compare/script/alignment.js").Region;
type Segment = import("./videos/compare/script/alignment.js").Segment;
type Side = import("./videos/compare/script/alignment.js").Side;
type SoundSelector = import("./videos/compare/playback/sound.js").SoundSelector;
type Step = import("./videos/compare/script/alignment.js").Step;
type StillsSide = import("./videos/player/stills-side.js").StillsSide;
type SyncPlayback = import("./videos/compare/playback/sync-playback.js").SyncPlayback;
type TimeRange = import("./videos/compare/timeline/timeline-layout.js").TimeRange;
type TimelineZoom = import("./videos/compare/timeline/zoom.js").TimelineZoom;
type WaitingExtensionNote = import("./extension/queue.js").WaitingNote;
type Transfer = import("./videos/upload/uploader.js").Transfer;
type Transform = import("./videos/compare/image-registration.js").Transform;
type Upload = import("./videos/upload/resumable-uploads.js").Upload;
type UploadProgress = import("./videos/upload/upload-row.js").UploadProgress;
type UploadRecord = import("./videos/upload/resumable-uploads.js").UploadRecord;
type UploadResult = import("./videos/upload/upload-queue.js").UploadResult;
type VideoSide = import("./videos/player/video-side.js").VideoSide;
type ViewModes = import("./videos/compare/view-modes.js").ViewModes;
