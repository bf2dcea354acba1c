// @ts-check
// Print the report from a button. Without scripts the browser's own menu prints it.
const button = document.getElementById("print");
button.hidden = false;
button.addEventListener("click", () => window.print());
