// Every panel of the page is drawn from its own data; one that fails leaves the others alone.
(function () {
  "use strict";
  document.querySelectorAll("section.panel").forEach((panel) => {
    try {
      const data = JSON.parse(panel.querySelector('script[type="application/json"]').textContent);
      atomstates.panels[panel.dataset.panel](panel, data);
    } catch (error) {
      console.error(`panel ${panel.id}: ${error.stack}`);
    }
  });
})();
