// @ts-check
// The address of the Sage site that this extension belongs to. The site fills it in when it builds the archive.
export const ADDRESS = "http://127.0.0.1:8000";
