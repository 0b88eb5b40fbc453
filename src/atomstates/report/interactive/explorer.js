// The explorer: a bar of the density of states or an environment is chosen, and the ions that are in it are
// shown one after the other among their neighbours, coloured by energy.
(function () {
  "use strict";
  const { element, placed, length, difference } = atomstates;
  const REACH = 6.2; // Å around the ion
  const NONE = 65535;
  const SAME = 0.3; // Å

  // Alone, or as one of several: then others choose the temperature (K, `to`), and `rest` frees the view.
  atomstates.panels.explorer = function (panel, data, { alone = true, title, range = data.range } = {}) {
    const state = { at: 0, bin: null, environment: -1, ions: [], ion: 0, cell: false, note: "" };
    const entry = () => data.temperatures[state.at];
    const shade = (energy) => atomstates.shade((energy - range[0]) / (range[1] - range[0]));
    const control = controls();
    const histogram = new atomstates.Histogram(range,
      [`energy of ${data.ion} above the lowest state, eV`, "per ion and eV"], pick);
    const scene = new atomstates.Scene(`${data.ion} among its neighbours`, () => { refilter(); look(); });
    panel.append(
      element("h4", {}, title || `Which ${data.ion} have which energy?`),
      element("div", { class: "controls" }, alone ? control.temperature.whole : null, control.environmentLabel,
        element("label", {}, "Energy ", control.energy)),
      histogram.whole, legend(), control.bar,
      element("div", { class: "controls" }, control.before, control.count, control.after, control.whole),
      scene.whole, control.said, alone ? hint() : "");

    function controls() {
      const temperature = atomstates.choice("Temperature",
        data.temperatures.map((t) => `${t.temperature} K`), change);
      const environment = element("select", { onchange: () => {
        state.environment = Number(environment.value);
        pick(state.environment < 0 ? highest() : commonest(state.environment));
      } });
      const energy = element("input", { type: "range", step: 1, min: 0, "aria-label": "Bar of the histogram",
        oninput: () => pick(Number(energy.value)) });
      const button = (words, act) => element("button", { type: "button", onclick: act }, words);
      const whole = button("Whole cell", () => {
        state.cell = !state.cell;
        whole.setAttribute("aria-pressed", String(state.cell));
        if (scene.viewer) look();
        else scene.start();
      });
      whole.setAttribute("aria-pressed", "false");
      return {
        temperature, environment, energy, whole,
        environmentLabel: element("label", {}, "Environment ", environment),
        before: button("‹ previous", () => step(-1)), after: button("next ›", () => step(1)),
        count: element("span", { class: "count" }), bar: element("output", { class: "said" }),
        said: element("output", { class: "said" }),
      };
    }

    function legend() {
      const parts = new Map(data.kinds.map((kind) => [kind.label, kind.colour]));
      return element("p", { class: "legend" }, ...[...parts].map(([label, colour]) => element("span", {},
        element("i", { style: `background:${colour}` }), label)));
    }

    function hint() {
      const fewer = data.temperatures.some((t) => t.n_shown < t.n_snapshots);
      return element("p", { class: "hint" },
        `${data.ion} are coloured by energy as on the axis above (numbers: eV); the ion's own anion polyhedron has the colour of its site, ` +
        "polyhedra that share an edge or face with it are grey. Click another ion to go to it. " +
        (fewer ? "The histogram is that of all snapshots; the ions are those of some, evenly spaced. " : "") +
        atomstates.howToTurn);
    }

    // ------------------------------------------------------------ choosing

    function change(at) {
      state.at = at;
      control.temperature.list.value = at;
      const counts = new Map();
      if (scene.viewer) for (const ion of ions()) counts.set(ion.environment, (counts.get(ion.environment) || 0) + 1);
      offer(counts);
      control.energy.max = entry().total.length - 1;
      pick(state.environment >= 0 ? commonest(state.environment) : highest());
    }

    // Environments that occur, the most frequent first; before the view has started, all of them.
    function offer(counts) {
      const all = data.environments.map((environment, i) => i);
      const there = counts.size ? all.filter((i) => counts.has(i)).sort((a, b) => counts.get(b) - counts.get(a)) : all;
      if (!there.includes(state.environment)) state.environment = -1;
      const total = [...counts.values()].reduce((sum, n) => sum + n, 0);
      control.environment.replaceChildren(element("option", { value: -1 }, "all"), ...there.map((i) => {
        const share = counts.size ? ` (${atomstates.number((100 * counts.get(i)) / total, 2)} %)` : "";
        return element("option", { value: i }, data.environments[i].text + share);
      }));
      control.environment.value = state.environment;
    }

    const highest = () => entry().total.indexOf(Math.max(...entry().total));

    // The bar that holds most ions of an environment.
    function commonest(environment) {
      if (!scene.viewer) return highest();
      const counts = new Map();
      for (const ion of ions()) {
        if (ion.environment === environment) counts.set(binOf(ion), (counts.get(binOf(ion)) || 0) + 1);
      }
      return [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0]?.[0] ?? highest();
    }

    function pick(bin) {
      state.bin = Math.min(Math.max(bin, 0), entry().total.length - 1);
      control.energy.value = state.bin;
      histogram.draw(entry(), state.bin);
      control.bar.textContent = `${entry().temperature} K, ${histogram.bar(state.bin)}`;
      control.energy.setAttribute("aria-valuetext", control.bar.textContent);
      if (!scene.viewer) {
        control.count.textContent = "";
        return;
      }
      state.ions = ions().filter(chosen);
      const middle = (entry().edges[state.bin] + entry().edges[state.bin + 1]) / 2;
      state.note = "";
      if (!state.ions.length) {
        const kind = state.environment < 0 ? "ion" : "ion of that environment";
        state.note = `No ${kind} in the ${entry().n_shown} snapshots shown here lies in that bar; this is the nearest. `;
        state.ions = ions().filter((ion) => state.environment < 0 || ion.environment === state.environment);
      }
      state.ions.sort((a, b) => Math.abs(a.energy - middle) - Math.abs(b.energy - middle));
      if (state.note) state.ions.length = Math.min(state.ions.length, 1);
      show(0);
    }

    const chosen = (ion) =>
      binOf(ion) === state.bin && (state.environment < 0 || ion.environment === state.environment);

    function binOf(ion) {
      const edges = entry().edges, width = edges[1] - edges[0];
      return Math.min(Math.max(Math.floor((ion.energy - edges[0]) / width + 1e-6), 0), edges.length - 2);
    }

    function refilter() {
      if (!scene.viewer) return;
      change(state.at);
    }

    function step(by) {
      if (!scene.viewer) scene.start();
      else show((state.ion + by + state.ions.length) % state.ions.length);
    }

    function show(which) {
      state.ion = which;
      control.count.textContent = `${which + 1} of ${state.ions.length}`;
      look();
    }

    // ------------------------------------------------------------ the ions of a temperature

    function snapshots() {
      const here = entry();
      if (here.snapshots) return here.snapshots;
      const parts = ["cell", "fractional", "energy", "environment", "corners"];
      here.snapshots = here.runs.flatMap((run) => {
        const found = Object.fromEntries(parts.map((name) => [name, atomstates.unpacked(run[name])]));
        return run.step.map((number, k) => new Snapshot(run.run, number, k, found, data));
      });
      return here.snapshots;
    }

    function ions() {
      const here = entry();
      here.ions = here.ions || snapshots().flatMap((snapshot) => data.ions.map((atom, i) => ({
        snapshot, atom, row: i, energy: snapshot.energy[i] - data.reference, environment: snapshot.environment[i],
      })));
      return here.ions;
    }

    // ------------------------------------------------------------ drawing

    function look() {
      if (!scene.viewer || !state.ions.length) return;
      const ion = state.ions[state.ion];
      scene.clear();
      const seen = state.cell ? drawCell(ion) : drawSurroundings(ion);
      const up = ion.snapshot.cell[2], a = atomstates.unit(ion.snapshot.cell[0]);
      const front = atomstates.unit(atomstates.cross(ion.snapshot.cell[0], up)), c = atomstates.unit(up);
      scene.look(front.map((x, k) => x + 0.3 * c[k] - 0.4 * a[k]), up, seen);
      const environment = data.environments[ion.environment].text;
      control.said.textContent = `${state.note}${data.ion} ${data.ids[ion.atom]} of ${ion.snapshot.run}, step ` +
        `${ion.snapshot.step}: ${ion.energy.toFixed(3)} eV, ${environment}.`;
      scene.holder.setAttribute("aria-label", `${control.said.textContent} Arrow keys turn, + and − zoom.`);
      scene.holder.dataset.ion = data.ids[ion.atom];
      scene.holder.dataset.energy = ion.energy.toFixed(4);
    }

    function go(to) {
      const known = state.ions.indexOf(to);
      if (known < 0) state.ions.splice(state.ion + 1, 0, to);
      state.cell = false;
      control.whole.setAttribute("aria-pressed", "false");
      show(known < 0 ? state.ion + 1 : known);
    }

    function ionBall(ion, at) {
      return { at, colour: shade(ion.energy), act: () => go(ion),
        tip: `${data.ion} ${data.ids[ion.atom]}: ${ion.energy.toFixed(3)} eV, ${data.environments[ion.environment].text}` };
    }

    function drawSurroundings(ion) {
      const around = ion.snapshot.around(ion.atom, REACH);
      const own = ion.snapshot.polyhedron(ion.row, [0, 0, 0], around);
      const is = (list) => (atom) => list.some((one) => length(difference(one.at, atom.at)) < SAME);
      const cations = around.filter((atom) => atom.kind === "cation");
      const shared = cations.map((atom) => {
        const corners = ion.snapshot.polyhedron(atom.row, atom.at, around);
        return { atom, corners, common: corners.filter(is(own)).length };
      }).filter((one) => one.common >= 2);
      scene.polyhedron(own.map((atom) => atom.at), [0, 0, 0], data.environments[ion.environment].colour, 0.42);
      const framework = [];
      for (const { atom, corners } of shared) {
        scene.polyhedron(corners.map((one) => one.at), atom.at, "#9aa0a6", 0.3);
        for (const one of corners) scene.stick(atom.at, one.at, "#9aa0a6", 0.07);
        scene.word(atom.element, atom.at, "white");
        framework.push(...corners.filter((one) => !is(own)(one) && !is(framework)(one)));
      }
      for (const one of own) {
        scene.stick([0, 0, 0], one.at, "#5b6570", 0.07);
        scene.word(one.element, one.at);
      }
      const ball = (atom) => ({ at: atom.at, colour: data.colours[atom.element],
        tip: `${atom.element} ${data.ids[atom.atom]}, ${length(atom.at).toFixed(2)} Å away` });
      scene.balls(own.map(ball), 0.5);
      scene.balls(framework.map(ball), 0.38);
      scene.balls(shared.map((one) => ball(one.atom)), 0.62);
      const drawn = [...own, ...framework, ...shared.map((one) => one.atom)];
      scene.balls(around.filter((atom) => atom.kind !== "ion" && !is(drawn)(atom)).map(ball), 0.16, 0.6);
      const others = around.filter((atom) => atom.kind === "ion" && atom.distance > SAME);
      const at = (atom) => ionOf(ion.snapshot, atom.row);
      scene.balls(others.map((atom) => ionBall(at(atom), atom.at)), 0.42);
      for (const atom of others) {
        if (atom.distance < data.shells.ion_ion && !scene.narrow()) {
          scene.word(at(atom).energy.toFixed(2), atom.at, "white");
        }
      }
      scene.balls([ionBall(ion, [0, 0, 0])], 0.75);
      scene.word(`${data.ion} ${ion.energy.toFixed(2)} eV`, [0, 0, 0], "white", "#1d2228");
      return [...drawn, ...others].map((atom) => atom.at);
    }

    function drawCell(ion) {
      const snapshot = ion.snapshot, cell = snapshot.cell;
      const atoms = snapshot.atoms().map((atom) => ({ ...atom, at: placed(atom.fraction, cell) }));
      const framework = atoms.filter((atom) => atom.kind !== "ion");
      for (const kind of ["cation", "anion"]) {
        scene.balls(framework.filter((atom) => atom.kind === kind).map((atom) => ({
          at: atom.at, colour: data.colours[atom.element], tip: `${atom.element} ${data.ids[atom.atom]}`,
        })), kind === "cation" ? 0.5 : 0.22);
      }
      const own = atoms.filter((atom) => atom.kind === "ion").map((atom) => [ionOf(snapshot, atom.row), atom]);
      scene.balls(own.filter(([one]) => !chosen(one)).map(([one, atom]) => ionBall(one, atom.at)), 0.5);
      const those = own.filter(([one]) => chosen(one) || one === ion);
      scene.balls(those.map(([one, atom]) => ionBall(one, atom.at)), 0.95);
      for (const [one, atom] of those) scene.word(one.energy.toFixed(2), atom.at, "white");
      scene.box(cell);
      return atomstates.corners.map((corner) => placed(corner, cell));
    }

    const ionOf = (snapshot, row) => ions()[snapshots().indexOf(snapshot) * data.ions.length + row];

    change(data.temperatures.length - 1);
    return {
      to: (temperature) => {
        change(data.temperatures.findIndex((t) => t.temperature === temperature));
        if (scene.rested) scene.start();
      },
      rest: () => scene.rest(),
    };
  };

  class Snapshot {
    constructor(run, step, k, found, data) {
      const part = (name) => {
        const size = found[name].shape.slice(1).reduce((product, n) => product * n, 1);
        return found[name].values.subarray(k * size, (k + 1) * size);
      };
      const cell = part("cell");
      Object.assign(this, { run, step, data, fractional: part("fractional"), energy: part("energy"),
        environment: part("environment"), corners: part("corners"), width: found.corners.shape[2] });
      this.cell = [0, 1, 2].map((n) => [...cell.subarray(3 * n, 3 * n + 3)]);
    }

    // Every atom once: its kind, its row among polyhedra, its fraction in [0, 1).
    atoms() {
      if (this.known) return this.known;
      const kinds = new Map(this.data.ions.map((atom, row) => [atom, ["ion", row]]));
      this.data.cations.forEach((atom, row) => kinds.set(atom, ["cation", this.data.ions.length + row]));
      this.known = this.data.elements.map((name, atom) => {
        const [kind, row] = kinds.get(atom) || ["anion", null];
        const fraction = [0, 1, 2].map((k) => this.fractional[3 * atom + k] / 65536);
        return { atom, element: name, kind, row, fraction };
      });
      return this.known;
    }

    // All atoms and images within a distance (Å) of an atom, with their places as seen from it.
    around(centre, reach) {
      const from = this.atoms()[centre].fraction, volume = Math.abs(
        atomstates.dot(this.cell[0], atomstates.cross(this.cell[1], this.cell[2])));
      const many = [0, 1, 2].map((k) => Math.ceil((reach * length(
        atomstates.cross(this.cell[(k + 1) % 3], this.cell[(k + 2) % 3]))) / volume));
      const found = [];
      for (const atom of this.atoms()) {
        const apart = difference(atom.fraction, from).map((x) => x - Math.round(x));
        for (let a = -many[0]; a <= many[0]; a++) {
          for (let b = -many[1]; b <= many[1]; b++) {
            for (let c = -many[2]; c <= many[2]; c++) {
              const at = placed([apart[0] + a, apart[1] + b, apart[2] + c], this.cell);
              const distance = length(at);
              if (distance <= reach) found.push({ ...atom, at, distance });
            }
          }
        }
      }
      return found;
    }

    // Anions at the corners of a polyhedron around a place: of each the image that is nearest to it.
    polyhedron(row, centre, around) {
      const found = [];
      for (let n = 0; n < this.width; n++) {
        const atom = this.corners[row * this.width + n];
        if (atom === NONE) continue;
        const images = around.filter((one) => one.atom === atom);
        const far = images.map((one) => length(difference(one.at, centre)));
        const nearest = images[far.indexOf(Math.min(...far))];
        if (nearest && Math.min(...far) < 4.5) found.push(nearest);
      }
      return found;
    }
  }
})();
