"""Describe a device by its `User-Agent` header."""

# The first match wins: Edge and Opera also contain "Chrome", Chrome contains "Safari", Android contains "Linux".
BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "HeadlessChrome": "Chrome",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "CrOS": "ChromeOS",
    "Windows": "Windows",
    "Mac OS": "macOS",
    "Linux": "Linux",
}


def describe_device(agent: str) -> str:
    """Return for example “Firefox on Linux”, or “Unknown device” if the header names neither browser nor system."""
    browser = next((name for token, name in BROWSERS.items() if f"{token}/" in agent), "")
    system = next((name for token, name in SYSTEMS.items() if token in agent), "")
    return " on ".join(filter(None, [browser or ("A browser" if system else ""), system])) or "Unknown device"
