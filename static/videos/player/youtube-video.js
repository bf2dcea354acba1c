// @ts-check
// Play a YouTube video through YouTube's IFrame API, with the parts of the interface of <video> that a page uses.
// https://developers.google.com/youtube/iframe_api_reference

const API = "https://www.youtube.com/iframe_api";
const HOST = "https://www.youtube-nocookie.com"; // sets no cookies before the visitor plays the video
const LOAD_MS = 20000;
const TICK_MS = 200;
const UNSTARTED = -1;
const ENDED = 0;
const PLAYING = 1;
const BUFFERING = 3;
const CUED = 5;
/** @type {Record<number, string>} */
const REASONS = {
  2: "YouTube does not know this video.",
  100: "This video was removed from YouTube, or it is private.",
  101: "The owner of this video does not allow other sites to play it.",
  150: "The owner of this video does not allow other sites to play it.",
};

/** @returns {Promise<any>} The object `YT` of the API. */
function loadApi() {
  return new Promise((resolve, reject) => {
    const page = /** @type {any} */ (window);
    page.onYouTubeIframeAPIReady = () => resolve(page.YT);
    const script = document.createElement("script");
    script.src = API;
    script.addEventListener("error", () => reject(new Error("The API of YouTube did not load.")));
    document.head.append(script);
    setTimeout(() => reject(new Error("The API of YouTube did not answer.")), LOAD_MS);
  });
}

export class YouTubeVideo extends EventTarget {
  /** @param {HTMLElement} element It is replaced by YouTube's player. Its data-youtube is the id of the video. */
  constructor(element) {
    super();
    this.dataset = element.dataset;
    this.readyState = 0;
    this.networkState = 0;
    this.videoWidth = 0;
    this.controls = false;
    /** @type {string | null} A sentence. */
    this.error = null;
    this.state = UNSTARTED;
    /** @type {any} */
    this.player = null;
    /** @type {number | null} The time at which playback will begin. */
    this.startTime = null;
    this.id = element.dataset.youtube;
    this.load(element).catch(() =>
      this.fail("YouTube's player did not load. Check your connection and reload the page."),
    );
  }

  /** @param {HTMLElement} element */
  async load(element) {
    const api = await loadApi();
    const title = element.getAttribute("aria-label");
    this.player = new api.Player(element, {
      host: HOST,
      videoId: this.id,
      width: "100%",
      height: "100%",
      playerVars: { playsinline: 1, rel: 0, origin: location.origin },
      events: {
        onReady: () => this.handleReady(title),
        onStateChange: (/** @type {{data: number}} */ { data }) => this.handleState(data),
        onPlaybackRateChange: () => this.dispatchEvent(new Event("ratechange")),
        onError: (/** @type {{data: number}} */ { data }) =>
          this.fail(REASONS[data] ?? "YouTube cannot play this video."),
      },
    });
  }

  /** @param {string | null} title */
  handleReady(title) {
    this.readyState = 1;
    this.videoWidth = 16;
    if (title) this.player.getIframe?.()?.setAttribute("title", title);
    if (this.startTime !== null) this.cue(this.startTime);
    this.dispatchEvent(new Event("loadedmetadata"));
    setInterval(() => {
      if (!this.paused) this.dispatchEvent(new Event("timeupdate"));
    }, TICK_MS);
  }

  /** @param {number} state */
  handleState(state) {
    this.state = state;
    if (state === PLAYING || state === BUFFERING) this.startTime = null;
    this.dispatchEvent(new Event(state === PLAYING ? "play" : state === ENDED ? "ended" : "pause"));
    if (state !== PLAYING && this.error === null) this.dispatchEvent(new Event("timeupdate"));
  }

  /** @param {string} reason */
  fail(reason) {
    this.error = reason;
    this.dispatchEvent(new Event("error"));
  }

  /** @param {number} seconds */
  cue(seconds) {
    this.startTime = seconds;
    this.player.cueVideoById({ videoId: this.id, startSeconds: seconds });
  }

  get paused() {
    return this.state !== PLAYING && this.state !== BUFFERING;
  }

  get duration() {
    return this.player?.getDuration?.() || 0;
  }

  get currentTime() {
    return this.startTime ?? this.player?.getCurrentTime?.() ?? 0;
  }

  set currentTime(seconds) {
    if (!this.readyState) this.startTime = seconds;
    else if (this.state === UNSTARTED || this.state === CUED)
      this.cue(seconds); // seeking would begin to play
    else this.player.seekTo(seconds, true);
    this.dispatchEvent(new Event("seeking"));
  }

  get muted() {
    return this.player?.isMuted?.() ?? false;
  }

  set muted(value) {
    if (value) this.player?.mute();
    else this.player?.unMute();
    setTimeout(() => this.dispatchEvent(new Event("volumechange")), TICK_MS); // the player answers later
  }

  get playbackRate() {
    return this.player?.getPlaybackRate?.() ?? 1;
  }

  set playbackRate(rate) {
    this.player?.setPlaybackRate(rate);
  }

  async play() {
    this.player?.playVideo();
  }

  pause() {
    this.player?.pauseVideo();
  }
}
