"use strict";
// Reads what the page already shows: a cursor on each chart, and a filter of the trades. Fetches nothing.
for (const chart of document.querySelectorAll("svg.chart")) {
  const points = JSON.parse(chart.dataset.points);
  const cursor = chart.querySelector(".cursor");
  const says = document.createElement("output");
  chart.after(says);
  const show = (x) => {
    let near = points[0];
    for (const point of points) if (Math.abs(point[0] - x) < Math.abs(near[0] - x)) near = point;
    cursor.setAttribute("x1", near[0]);
    cursor.setAttribute("x2", near[0]);
    cursor.style.visibility = "visible";
    says.textContent = near[2];
  };
  chart.addEventListener("pointermove", (event) => {
    const box = chart.getBoundingClientRect();
    show(((event.clientX - box.left) * chart.viewBox.baseVal.width) / box.width);
  });
  says.textContent = points[points.length - 1][2];
}
const filter = document.querySelector("#filter");
const rows = [...document.querySelectorAll("#trades tbody tr")];
if (filter) {
  filter.addEventListener("input", () => {
    const wanted = filter.value.toLowerCase();
    for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
  });
}
document.documentElement.dataset.drawn = document.querySelectorAll("svg").length + " charts, " + rows.length + " trades";
