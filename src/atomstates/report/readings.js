// The value of the curve point under the mouse, under a finger or chosen by arrow keys, in every figure that
// has values beside its picture.
(function () {
  "use strict";
  const BESIDE = 0.02; // of the picture: how far outside a panel it still is meant

  // ------------------------------------------------------------ numbers in words, as in the rest of the page

  const superscript = (power) => String(power).replace(/./g, (sign) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign] || "⁻");
  const minus = (text) => text.replace("-", "−");

  const plain = (value, digits) => minus(String(Number(value.toFixed(digits))));

  function number(value, axis) {
    if (!axis.log && axis.decimals <= 6) return plain(value, axis.decimals);
    return short(value, 4);
  }

  // Some digits, in powers of ten where the number is very small or large.
  function short(value, digits) {
    const size = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)));
    if (size >= -3 && size < 6) return plain(value, Math.max(digits - 1 - size, 0));
    return `${plain(value / 10 ** size, digits - 1)} × 10${superscript(size)}`;
  }

  // Two digits of an error that begins with 1, otherwise one, and the value to the same place.
  function measured(value, error, axis) {
    if (!(error > 0)) return number(value, axis);
    let place = Math.floor(Math.log10(error));
    if (error / 10 ** place < 1.95) place -= 1;
    const size = Math.floor(Math.log10(Math.max(Math.abs(value), error)));
    const finest = axis.log ? size - 3 : -axis.decimals;
    if (place < finest) return `${number(value, axis)} ± ${short(error, 1)}`;
    if (size >= -4 && size < 6) {
      const digits = Math.max(-place, 0);
      return `${minus(value.toFixed(digits))} ± ${error.toFixed(digits)}`;
    }
    const digits = Math.max(size - place, 0), scale = 10 ** size;
    return `(${minus((value / scale).toFixed(digits))} ± ${(error / scale).toFixed(digits)}) × 10${superscript(size)}`;
  }

  const withUnit = (text, unit) => (unit ? `${text} ${unit.includes(" in ") ? `(${unit})` : unit}` : text);

  // ------------------------------------------------------------ one figure

  class Reader {
    constructor(figure, data) {
      this.frame = figure.querySelector(".reader");
      this.section = figure.closest("section");
      this.said = figure.querySelector(".said");
      this.panels = data.panels.map((panel) => ({ ...panel, curves: panel.curves.map((curve) =>
        ({ ...curve, panel, at: curve.y.map((y, i) => place(panel, data.xs[curve.x][i], y)), x: data.xs[curve.x] })) }));
      this.point = null;
      this.dot = made("i", "dot");
      this.tip = made("div", "tip");
      this.tip.setAttribute("aria-hidden", "true"); // the live region says the same
      this.frame.append(this.dot, this.tip);
      const title = figure.querySelector("h3").lastChild.textContent.trim();
      const attributes = { tabindex: "0", role: "application",
        "aria-label": `Values of “${title}”: left and right go along a curve, up and down to another one` };
      for (const [key, value] of Object.entries(attributes)) this.frame.setAttribute(key, value);
      this.frame.addEventListener("pointermove", (event) => event.pointerType === "mouse" && this.follow(event));
      this.frame.addEventListener("click", (event) => this.follow(event));
      this.frame.addEventListener("pointerleave", (event) => {
        if (event.pointerType === "mouse" && document.activeElement !== this.frame) this.show(null);
      });
      this.frame.addEventListener("keydown", (event) => this.key(event));
      this.frame.addEventListener("focus", () => {
        if (!this.point && this.frame.matches(":focus-visible")) this.begin();
      });
      this.frame.addEventListener("blur", () => this.show(null));
      this.show(null);
    }

    // Curves that can be read: those of the temperature in front, and those of no temperature.
    curves(panel) {
      const chosen = this.section.dataset.inFront;
      const shown = (curve) => !chosen || curve.temperature === undefined || String(curve.temperature) === chosen;
      const all = (panel ? [panel] : this.panels).flatMap((one) => one.curves);
      return all.some(shown) ? all.filter(shown) : all;
    }

    begin() {
      this.show({ curve: this.curves()[0], i: 0 });
    }

    follow(event) {
      const box = this.frame.getBoundingClientRect();
      const at = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
      const panel = this.panels.find(({ box: [left, top, right, bottom] }) =>
        at[0] > left - BESIDE && at[0] < right + BESIDE && at[1] > top - BESIDE && at[1] < bottom + BESIDE);
      this.show(panel ? this.nearest(this.curves(panel), at, box) : null);
    }

    nearest(curves, at, box) {
      let best = null, least = Infinity;
      for (const curve of curves) {
        const [left, , right] = curve.panel.box, [from, to] = curve.panel.x.range;
        const half = curve.half_width ? (curve.half_width / Math.abs(to - from)) * (right - left) : 0;
        curve.at.forEach((point, i) => {
          const across = Math.max(Math.abs(point[0] - at[0]) - half, 0) * box.width;
          const distance = Math.hypot(across, (point[1] - at[1]) * box.height);
          if (distance < least) [best, least] = [{ curve, i }, distance];
        });
      }
      return best;
    }

    key(event) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const curves = this.curves();
      const act = {
        ArrowLeft: () => this.along(-1), ArrowRight: () => this.along(1),
        ArrowUp: () => this.across(curves, -1), ArrowDown: () => this.across(curves, 1),
        Home: () => this.along(-Infinity), End: () => this.along(Infinity),
        Escape: () => this.show(null),
      }[event.key];
      if (!act) return;
      event.preventDefault();
      if (!this.point && event.key !== "Escape") this.begin();
      else act();
    }

    along(by) {
      const { curve, i } = this.point;
      this.show({ curve, i: Math.min(Math.max(i + by, 0), curve.at.length - 1) });
    }

    // To another curve, at the point that is nearest in the direction of x.
    across(curves, by) {
      const now = curves.indexOf(this.point.curve);
      const curve = curves[(now + by + curves.length) % curves.length];
      const x = this.point.curve.at[this.point.i][0];
      const away = curve.at.map((point) => Math.abs(point[0] - x));
      this.show({ curve, i: away.indexOf(Math.min(...away)) });
    }

    show(point) {
      this.point = point;
      this.dot.hidden = this.tip.hidden = point === null;
      if (point === null) {
        this.said.textContent = "";
        return;
      }
      const [name, ...lines] = words(point);
      const [x, y] = point.curve.at[point.i];
      this.said.textContent = `${name}: ${lines.join("; ")}`;
      this.dot.style.cssText = `left:${100 * x}%;top:${100 * y}%;background:${point.curve.colour}`;
      const head = made("b", "", name);
      head.style.borderColor = point.curve.colour;
      this.tip.replaceChildren(head, ...lines.map((line) => made("span", "", line.replace(/ ([±×]) /g, "\u00a0$1\u00a0"))));
      this.put(x, y);
    }

    // The tip beside the point, within what is seen of the picture.
    put(x, y) {
      const { scrollLeft, clientWidth } = this.frame.parentElement;
      const { offsetWidth: width, offsetHeight: height } = this.frame;
      const most = Math.min(scrollLeft + clientWidth, width) - this.tip.offsetWidth - 4;
      const right = x * width + 14 <= most;
      const left = right ? x * width + 14 : x * width - this.tip.offsetWidth - 14;
      this.tip.style.left = `${Math.max(Math.min(left, most), scrollLeft)}px`;
      this.tip.style.top = `${Math.min(Math.max(y * height - this.tip.offsetHeight - 10, 0), height)}px`;
    }
  }

  // Where a point stands, in parts of the picture.
  function place(panel, x, y) {
    const [left, top, right, bottom] = panel.box;
    return [left + (right - left) * part(panel.x, x), bottom - (bottom - top) * part(panel.y, y)];
  }

  function part({ range: [low, high], log }, value) {
    const scale = log ? Math.log10 : (number) => number;
    return (scale(value) - scale(low)) / (scale(high) - scale(low));
  }

  // Name of the curve, its value and where that is.
  function words({ curve, i }) {
    const { x, y, title } = curve.panel;
    const name = [title, curve.name].filter(Boolean).join(", ");
    if (curve.words) return [name, curve.words[i]];
    const value = measured(curve.y[i], curve.error && curve.error[i], y);
    const own = curve.unit !== undefined;
    const at = curve.x[i], half = curve.half_width;
    const where = half ? `${number(at - half, x)} to ${number(at + half, x)}` : number(at, x);
    return [name, withUnit(own || !y.quantity ? value : `${y.quantity} ${value}`, own ? curve.unit : y.unit),
      withUnit(`${x.quantity} ${where}`.trim(), x.unit)];
  }

  function made(name, kind, text) {
    const element = document.createElement(name);
    if (kind) element.className = kind;
    if (text) element.textContent = text;
    return element;
  }

  document.querySelectorAll("figure").forEach((figure) => {
    const data = figure.querySelector("script.values");
    if (data) new Reader(figure, JSON.parse(data.textContent));
  });
})();
