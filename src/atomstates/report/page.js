(function () {
  "use strict";
  var field = document.getElementById("filter");
  var shown = document.getElementById("shown");
  var fold = document.querySelector("details.all-numbers");
  var unfolded = [];
  function show() {
    var words = field.value.toLowerCase().replace(/(\d)\s+k\b/g, "$1k").split(/\s+/).filter(Boolean);
    var count = 0;
    document.querySelectorAll("table.numbers tbody").forEach(function (group) {
      var product = group.querySelector(".product").textContent;
      var any = false;
      group.querySelectorAll("tr:not(.product)").forEach(function (row) {
        var text = Array.from(row.cells).map(function (cell, i) {
          return cell.textContent + (i === 1 && cell.textContent ? "k" : "");
        });
        text = (product + " " + text.join(" ")).toLowerCase();
        row.hidden = !words.every(function (word) { return text.indexOf(word) >= 0; });
        any = any || !row.hidden;
        count += row.hidden ? 0 : 1;
      });
      group.hidden = !any;
    });
    fold.open = fold.open || words.length > 0;
    shown.textContent = words.length ? count + (count === 1 ? " number" : " numbers") : "";
  }
  field.addEventListener("input", show);
  window.addEventListener("beforeprint", function () {
    unfolded = Array.from(document.querySelectorAll("details:not(.all-numbers):not([open])"));
    unfolded.forEach(function (part) { part.open = true; });
  });
  window.addEventListener("afterprint", function () {
    unfolded.forEach(function (part) { part.open = false; });
  });
})();
