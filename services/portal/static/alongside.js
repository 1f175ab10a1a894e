// On top of what works without: leave by Escape three times, no entry in Back, the first error has the focus.
(() => {
  "use strict";
  const exit = document.getElementById("exit");
  let presses = [];
  const leave = () => {
    document.body.hidden = true;
    location.replace(exit.href);
  };
  exit.addEventListener("click", (event) => {
    event.preventDefault();
    leave();
  });
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape") {
      presses = [];
      return;
    }
    presses = [...presses.filter((at) => event.timeStamp - at < 3000), event.timeStamp];
    if (presses.length >= 3) leave();
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
  const wrong = document.getElementById("error-summary");
  if (wrong) wrong.focus();
})();
