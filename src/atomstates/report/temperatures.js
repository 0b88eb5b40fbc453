// One temperature in front: what belongs to others is faded in the figures of its material. A figure's SVG names
// what is of one temperature ("T600-1", ...), so nothing is drawn anew.
(function () {
  "use strict";
  const FADED = 0.13;

  function chosen(image, temperature) {
    const whole = image.dataset.whole || (image.dataset.whole = image.src);
    if (image.src.startsWith("blob:")) URL.revokeObjectURL(image.src);
    const there = image.dataset.temperatures.split(" ");
    if (!there.includes(temperature)) return whole;
    const bytes = Uint8Array.from(atob(whole.split(",")[1]), (letter) => letter.charCodeAt(0));
    const drawing = new DOMParser().parseFromString(new TextDecoder().decode(bytes), "image/svg+xml");
    for (const one of drawing.querySelectorAll("g[id^=T]")) {
      if (one.id.startsWith(`T${temperature}-`)) one.parentNode.append(one); // what comes last is on top
      else if (/^T[\d.]+-\d+$/.test(one.id)) one.setAttribute("opacity", FADED);
    }
    const text = new XMLSerializer().serializeToString(drawing);
    return URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  }

  document.querySelectorAll(".in-front").forEach((bar) => {
    const section = bar.closest("section");
    const buttons = [...bar.querySelectorAll("button")];
    const images = [...section.querySelectorAll("img[data-temperatures]")];
    bar.hidden = false;
    for (const button of buttons) {
      button.addEventListener("click", () => {
        const temperature = button.value;
        section.dataset.inFront = temperature;
        for (const one of buttons) one.setAttribute("aria-pressed", String(one === button));
        for (const image of images) image.src = chosen(image, temperature);
      });
    }
  });
})();
