// Who looks at a conversation and who writes in it, as the live line tells; gone when the line is.
const known = new Map();
const drawn = new WeakMap();

export const streams = () => [...known.keys()];
export const peopleAt = (stream) => known.get(stream) ?? [];

export function hear(told) {
  for (const [stream, people] of Object.entries(told)) {
    if (people.length) known.set(stream, people);
    else known.delete(stream);
  }
  document.dispatchEvent(new Event("rapport:company"));
}

export function forget() {
  hear(Object.fromEntries(streams().map((stream) => [stream, []])));
}

// Calls `draw` whenever somebody comes or goes, and when a swap has put the server's fragment there again.
export function follow(draw) {
  for (const name of ["rapport:company", "htmx:after:swap"]) document.addEventListener(name, draw);
  draw();
}

export function unfollow(draw) {
  for (const name of ["rapport:company", "htmx:after:swap"]) document.removeEventListener(name, draw);
}

// One small face for each, out of the page's template; touched only when it would look otherwise.
export function putFaces(place, people) {
  const template = document.getElementById("face_of_colleague");
  const look = JSON.stringify(people);
  if (!template || (drawn.get(place) === look && place.querySelectorAll(".face").length === people.length)) return;
  drawn.set(place, look);
  place.replaceChildren(...people.map((person) => {
    const face = template.content.firstElementChild.cloneNode(true);
    face.textContent = person.signs;
    face.dataset.turn = person.turn;
    face.title = template.dataset[person.doing].replace("{name}", person.name);
    face.setAttribute("aria-label", face.title);
    return face;
  }));
}
