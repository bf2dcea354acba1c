// Printing is asked for by a button where scripts run; elsewhere the browser's own menu does it.
const button = document.getElementById("print");
button.hidden = false;
button.addEventListener("click", () => window.print());
