// @ts-check
// Switch between the panels of a page without loading it again, by the pointer and the arrow keys (ARIA tabs pattern).
//
// Without scripts, the tabs are links with `?panel=`. A link [data-panel=name] belongs to the element #panel-name.

/** @param {HTMLElement} nav */
function setUpTabs(nav) {
  const tabs = [...nav.querySelectorAll("[data-panel]")].map((tab) => /** @type {HTMLAnchorElement} */ (tab));
  /** @param {HTMLElement} tab */
  const panelOf = (tab) => document.getElementById(`panel-${tab.dataset.panel}`);

  /** @param {HTMLElement} chosen */
  function show(chosen) {
    for (const tab of tabs) {
      const isChosen = tab === chosen;
      tab.setAttribute("aria-selected", String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
      panelOf(tab).hidden = !isChosen;
    }
  }

  /** @param {HTMLElement} tab */
  function choose(tab) {
    show(tab);
    const address = new URL(location.href);
    address.searchParams.set("panel", tab.dataset.panel);
    history.replaceState(history.state, "", address);
    nav.dispatchEvent(new CustomEvent("sage:panel", { bubbles: true, detail: { name: tab.dataset.panel } }));
  }

  nav.setAttribute("role", "tablist");
  for (const tab of tabs) {
    const panel = panelOf(tab);
    tab.id = `tab-${tab.dataset.panel}`;
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", panel.id);
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", tab.id);
  }
  const current = tabs.find((tab) => tab.hasAttribute("aria-current")) ?? tabs[0];
  for (const tab of tabs) tab.removeAttribute("aria-current");
  show(current);

  nav.addEventListener("click", (event) => {
    const tab = /** @type {Element} */ (event.target).closest("[data-panel]");
    if (!(tab instanceof HTMLElement) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    choose(tab);
  });
  nav.addEventListener("keydown", (event) => {
    const place = tabs.indexOf(/** @type {HTMLAnchorElement} */ (document.activeElement));
    /** @type {Record<string, number>} */
    const targets = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: tabs.length - 1, " ": place };
    if (place < 0 || !(event.key in targets)) return;
    event.preventDefault();
    event.stopPropagation(); // the players use the same keys
    const tab = tabs[(targets[event.key] + tabs.length) % tabs.length];
    tab.focus();
    choose(tab);
  });
}

for (const nav of document.querySelectorAll("[data-tabs]")) setUpTabs(/** @type {HTMLElement} */ (nav));
