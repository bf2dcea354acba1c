// Imitates YouTube's IFrame API: a player whose clock runs while it plays.
window.YT = {
  Player: class {
    constructor(element, options) {
      this.options = options;
      this.state = -1;
      this.time = 0;
      this.isMutedNow = false;
      this.rate = 1;
      this.frame = document.createElement("iframe");
      this.frame.src = `${options.host}/embed/${options.videoId}`;
      element.replaceWith(this.frame);
      window.fakePlayer = this;
      const error = { bloackedvid: 150 }[options.videoId];
      setTimeout(() => (error ? options.events.onError({ data: error }) : options.events.onReady({ target: this })), 10);
    }
    getIframe() { return this.frame; }
    setState(state) { this.state = state; this.options.events.onStateChange({ data: state }); }
    playVideo() { this.began = performance.now() - (1000 * this.time) / this.rate; this.setState(1); }
    pauseVideo() { this.time = this.getCurrentTime(); this.setState(2); }
    seekTo(seconds) { this.time = seconds; this.began = performance.now() - 1000 * seconds; }
    cueVideoById({ startSeconds }) { this.time = startSeconds; this.setState(5); }
    getCurrentTime() { return this.state === 1 ? (this.rate * (performance.now() - this.began)) / 1000 : this.state === 5 ? 0 : this.time; }
    getDuration() { return 213; }
    getPlayerState() { return this.state; }
    mute() { this.isMutedNow = true; }
    unMute() { this.isMutedNow = false; }
    isMuted() { return this.isMutedNow; }
    setPlaybackRate(rate) { this.rate = rate; this.options.events.onPlaybackRateChange({ data: rate }); }
    getPlaybackRate() { return this.rate; }
  },
};
window.onYouTubeIframeAPIReady();
