// Two materials beside each other at one temperature: two explorers, with the data of the panels of their own.
(function () {
  "use strict";
  const { element, choice } = atomstates;

  atomstates.panels.beside = function (panel, { materials }) {
    const known = materials.map(({ id }) =>
      JSON.parse(document.querySelector(`[id="${id}"] script[type="application/json"]`).textContent));
    // one axis of energies and one scale of colours for all
    const range = [Math.min(...known.map((data) => data.range[0])), Math.max(...known.map((data) => data.range[1]))];
    const sides = ["Left", "Right"].map((name, n) => new Side(name, n));
    const temperature = choice("Temperature", [], show);
    const note = element("output", { class: "said" });
    let shared = [];
    panel.append(
      element("h4", {}, "Two materials at one temperature"),
      element("div", { class: "controls" }, temperature.whole, ...sides.map((side) => side.chooser.whole)),
      note, element("div", { class: "pair" }, ...sides.map((side) => side.holder)));

    // One half of the panel; explorers that were left rest, and come back as they were.
    function Side(name, first) {
      this.at = first;
      this.explorers = [];
      this.holder = element("div", { class: "side", role: "group", "aria-label": name });
      this.chooser = choice(name, materials.map(({ title }) => title), (at) => this.take(at));
      this.take = (at) => {
        this.explorers[this.at]?.rest();
        this.at = at;
        choose();
      };
      this.show = (kelvin) => {
        if (!this.explorers[this.at]) {
          const whole = element("section", {});
          this.explorers[this.at] = atomstates.panels.explorer(whole, known[this.at],
            { alone: false, title: materials[this.at].title, range });
          this.explorers[this.at].whole = whole;
        }
        this.holder.replaceChildren(this.explorers[this.at].whole);
        this.explorers[this.at].to(kelvin);
      };
      this.chooser.list.value = first;
    }

    // Temperatures that both materials have; the one that was chosen if it is among them, else the hottest.
    function choose() {
      const [left, right] = sides.map((side) => known[side.at].temperatures.map((entry) => entry.temperature));
      const before = shared[Number(temperature.list.value)];
      shared = left.filter((kelvin) => right.includes(kelvin));
      temperature.list.replaceChildren(...shared.map((kelvin, i) => element("option", { value: i }, `${kelvin} K`)));
      temperature.list.disabled = !shared.length;
      note.textContent = shared.length ? "Energies count from the lowest state of each material."
        : "These two have no temperature in common: each is shown at its hottest.";
      const at = shared.includes(before) ? shared.indexOf(before) : shared.length - 1;
      if (at >= 0) temperature.list.value = at;
      show(at);
    }

    function show(at) {
      for (const side of sides) side.show(shared[at] ?? known[side.at].temperatures.at(-1).temperature);
    }

    choose();
  };
})();
